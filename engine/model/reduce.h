// reduce.h - a model without what cannot matter in a run: states that provably stay 0, and outputs nobody asks for.
//
// A state stays 0 when it starts at 0, nothing is given into it, and its derivative is 0 whenever all such states are:
// the largest set for which this holds is left out. That a derivative is 0 is shown by interval arithmetic over all
// parameters, covariates and times of the run (expr/bounds.h), in which states may be any finite numbers.
//
// Nothing that could be infinite or not a number is hidden. Where simplification alone takes 0 * x and 0 / x for 0
// (head of simplify.c), here x must be shown to be finite, and the divisor not 0, everywhere in the run; otherwise the
// states that make the 0 are kept, and the run fails as it would with the full model. Only the Jacobian, which tells
// where Newton's method goes and not what is right, is simplified without that proof.
#ifndef WN_MODEL_REDUCE_H
#define WN_MODEL_REDUCE_H

#include "expr/bounds.h"
#include "model/model.h"

// What is known of a run.
typedef struct wn_run_domain {
  const unsigned char *is_given;   // [n_state] something goes into the state in the run: a dose, an infusion
  const unsigned char *is_wanted;  // [n_output]; NULL: all of them
  const wn_bounds *param;          // [n_param] of all simulations
  const wn_bounds *covariate;      // [n_covariate_all]; NULL: they may be any numbers
  double t_start, t_end;
} wn_run_domain;

typedef struct wn_reduced {
  wn_model *model;  // states and outputs that are left, in their order; parameters and covariates are the full model's.
                    // It has no routes: doses become actions with the full model
  int *state, *output;        // [model->n_state], [model->n_output] number in the full model
  int *state_at, *output_at;  // [n_state], [n_output] of the full model: number in the reduced one; -1 left out

  // of reductions.h
  unsigned char *key;  // [n_key]
  size_t n_key;
  struct wn_reduced *next;
  int number;
  bool is_kept;
} wn_reduced;

// *reduced is NULL when nothing can be left out. It borrows the full model's declaration, and one state is always kept.
// Runs that leave out the same get the same one, which the full model keeps, with its machine code. Any thread may call
// it at any time. Errors: WN_ERR_MEMORY.
wn_status wn_model_reduce(const wn_model *full, const wn_run_domain *run, wn_reduced **reduced, wn_error *err);
void wn_reduced_destroy(wn_reduced *reduced);  // does nothing where the full model keeps it

#endif
