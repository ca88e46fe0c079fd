// design.h - which points a sweep runs: grids, random draws, designs for sensitivity. A design is immutable; a point is
// a function of its index alone, so points may be asked for in any order, by any thread or machine, again after a
// crash.
//
// Without sensitivity a design is a grid of G cells crossed with N draws: point = cell x N + draw. The draws are the
// same N in every cell (common random numbers), so that a difference between two cells is paired. The cells are the
// cross product of the levels of every `vary`, the first name slowest. A vary without a count ("1:6") is drawn evenly
// over its range. Where only `vary` is given and a sampler other than "grid" is asked for, all is drawn, each level
// with equal chance. Where nothing is drawn, N repeats a cell N times (for N people), once by default.
//
// sensitivity "sobol": every input is a factor; base row r is the k + 2 points from r (k + 2) on: A, B, then A with
// input i taken from B, i = 0 .. k-1. "morris": trajectory r is the k + 1 points from r (k + 1) on. See indices.h.
#ifndef WN_SWEEP_DESIGN_H
#define WN_SWEEP_DESIGN_H

#include "base/error.h"
#include "base/units.h"
#include "model/limits.h"
#include <stdbool.h>
#include <stdint.h>

// A number that may be varied: the caller lists the scenario's options, then the model's parameters. Of two with the
// same name the first is meant.
typedef struct wn_input_name {
  const char *name, *unit;  // unit "clock": a clock time, value in hours [0, 24]; "" or "1": a plain number
  double value;             // in force when it is neither varied nor drawn
  wn_limits limits;         // levels and ends of ranges outside are refused; draws may come out there
} wn_input_name;

enum { WN_MAX_INPUT = 256 };
#define WN_MAX_POINT ((int64_t)1000000000000)

typedef enum wn_sensitivity { WN_SENSITIVITY_NONE, WN_SENSITIVITY_SOBOL, WN_SENSITIVITY_MORRIS } wn_sensitivity;
typedef enum wn_sample { WN_SAMPLE_GRID, WN_SAMPLE_RANDOM, WN_SAMPLE_LHS, WN_SAMPLE_SOBOL } wn_sample;

// What is asked for, as on the command line.
typedef struct wn_design_def {
  const char *const *vary;  // "low_dose=1:6:11", "=1,2,4", "=log:1:100:5", "=22:00:02:00:9", "=1mg:6mg:6"
  int n_vary;               //
  const char *const *draw;  // "CL~lognormal(20,30%)": arithmetic mean and coefficient of variation; docs/sampling.md
  int n_draw;               //
  const char *const *correlate;  // "CL,V=0.5": correlation of two drawn inputs' normal scores
  int n_correlate;               //
  const char *sample;            // "grid", "random", "lhs", "sobol"; NULL: grid when only vary is given, else sobol
  const char *sensitivity;       // NULL, "sobol", "morris"
  int64_t n;                     // draws, base rows or trajectories; 0: 1024 draws or base rows, 32 trajectories
  uint64_t seed;                 // default 1
  int n_level;                   // of Morris' grid, even; default 4
} wn_design_def;

wn_design_def wn_design_default(void);

typedef struct wn_design wn_design;

// One input of a design, in the order given: first what is varied, then what is drawn.
typedef struct wn_design_input {
  const char *name, *unit;
  const char *text;     // behind the name, as given: "1:6:11", "lognormal(20,30%)"
  int known;            // which of the caller's names
  bool is_clock;        // values are hours [0, 24)
  bool is_sampled;      // by a sampler; else by the grid
  int n_level;          // 0: continuous
  const double *level;  // [n_level], in order; clock times already wrapped, so they may step down once
} wn_design_input;

// Errors: WN_ERR_USER with one line that begins with the option, "--vary low_dos=1:6:11: unknown ...".
wn_status wn_design_create(const wn_design_def *def, const wn_input_name *known, int n_known, wn_units *units,
                           wn_design **design, wn_error *err);
void wn_design_destroy(wn_design *design);  // NULL is fine

int wn_design_n_input(const wn_design *design);
const wn_design_input *wn_design_input_at(const wn_design *design, int index);
wn_sample wn_design_sample(const wn_design *design);
wn_sensitivity wn_design_sensitivity(const wn_design *design);
uint64_t wn_design_seed(const wn_design *design);
int wn_design_n_level(const wn_design *design);  // of Morris' grid

// Points = cells x draws; or rows x points in a row, with sensitivity (cells is 1 and draws the number of rows).
int64_t wn_design_n_point(const wn_design *design);
int64_t wn_design_n_cell(const wn_design *design);
int64_t wn_design_n_draw(const wn_design *design);

// The draw a point belongs to: points with the same draw share their random numbers, and should share their people.
int64_t wn_design_draw_of(const wn_design *design, int64_t point);

// Something the user may want to know, in one line ("1000 points: Sobol' points are best in powers of 2; try --n
// 1024"), or NULL.
const char *wn_design_advice(const wn_design *design);

// The least and the greatest value an input can take; of a distribution without ends, those nearest to them.
void wn_design_range(const wn_design *design, int input, double *low, double *high);

// The inputs' values at a point -> value [n_input]. Takes no memory and no lock.
void wn_design_point(const wn_design *design, int64_t point, double *value);

#endif
