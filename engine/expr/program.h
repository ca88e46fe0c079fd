// program.h - what runs: straight-line code over W lanes. Lowered once from nodes of a graph, immutable, shared by
// threads. Layout everywhere: [quantity][lane], W a multiple of WN_LANES, 64-byte aligned blocks.
//
// A program has three parts by what its values depend on: constants (written once), parameters only (computed by
// wn_program_bind, once per batch), the rest (wn_program_eval). The bits of a lane's result do not depend on W, on the
// other lanes or on the CPU (except one without fused multiply-add: its elementary functions differ in the last place).
#ifndef WN_EXPR_PROGRAM_H
#define WN_EXPR_PROGRAM_H

#include "expr/graph.h"
#include <stddef.h>

enum { WN_LANES = 4 };  // every lane width is a multiple of this (one AVX2 register of doubles)

typedef struct wn_program wn_program;

// Lower roots[0..n_root) to one program whose outputs are the roots' values in order. The graph may be freed after.
wn_program *wn_program_create(const wn_graph *graph, const wn_node *roots, int n_root, wn_error *err);
// The same, but a product that only a sum reads may be rounded together with it: half the operations of a long sum of
// products, and not the bits of the graph's own evaluation.
wn_program *wn_program_create_fused(const wn_graph *graph, const wn_node *roots, int n_root, wn_error *err);
void wn_program_destroy(wn_program *program);

int wn_program_n_output(const wn_program *program);
int wn_program_n_instruction(const wn_program *program);  // of the eval part, for reports and golden files

// Number of doubles of workspace for `width` lanes. One workspace per batch and program.
size_t wn_program_workspace(const wn_program *program, int width);

// Fill the workspace with constants and everything that depends on parameters and covariates only. Call again when a
// parameter or covariate changes. param [n_param][W], covariate [n_covariate][W] (NULL when unused); not kept.
void wn_program_bind(const wn_program *program, int width, const double *param, const double *covariate, double *work);

// Evaluate: time [W], state [n_state][W] -> out [n_output][W]. `out` must not overlap the inputs.
void wn_program_eval(const wn_program *program, int width, const double *time, const double *state, double *work,
                     double *out);

// The same bits without machine code, where there is some: to check it.
void wn_program_interpret(const wn_program *program, int width, const double *time, const double *state, double *work,
                          double *out);

// Name of the kernels in use: "avx2" or "portable". The environment variable WANE_KERNELS=portable forces the latter.
const char *wn_program_kernels(void);

#endif
