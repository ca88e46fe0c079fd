// cases.h - what is benchmarked: four cases, each as a Lua model for wane and as equations written by hand in C, with
// one population, one grid of outputs and one measure of error for all rows.
//
// Blocks of results are [batch][time][state][lane] with W lanes; hand-written code has W = 1. A row's values are thus
// kept in the order in which it makes them, whoever it is.
#ifndef WN_BENCH_CASES_H
#define WN_BENCH_CASES_H

#include <stdbool.h>
#include <stddef.h>

enum { WN_BENCH_MAX_STATE = 40, WN_BENCH_MAX_PARAM = 80, WN_BENCH_MAX_RATE = 96, WN_BENCH_N_SUBJECT = 1000 };
enum { WN_BENCH_N_CHECKED = 100 };  // subjects whose error is measured, at most

typedef struct wn_bench_param {
  const char *name;
  double typical;
  bool varies;  // value = typical exp(0.3 z)
} wn_bench_param;

typedef struct wn_bench_tolerance {
  double rtol, atol;
} wn_bench_tolerance;

typedef struct wn_bench_case {
  const char *name, *title, *model;  // model: file of the Lua twin
  int n_state, n_param;
  const char *const *state;
  const wn_bench_param *param;
  int dose_state, n_dose;
  double dose_amount, dose_first, dose_every;  // as they enter the state
  double record_amount, record_first;          // as a person writes them, before lag and units
  double every;                                // outputs at 0, every, ..., (n_time - 1) every
  int n_time;
  double slack;     // a right answer's error is at most this times the larger of rtol and atol
  int n_tolerance;  // of its rows without --curve, the tightest first
  const wn_bench_tolerance *tolerance;

  // by hand: parameters -> rates, once per subject; then initial values, derivatives, and the dense Jacobian by
  // columns, J[col * n_state + row], of which only entries that are not 0 are written
  void (*prepare)(const double *param, double *rate);
  void (*initial)(const double *rate, double *y);
  void (*rhs)(double t, const double *rate, const double *y, double *dy);
  void (*jacobian)(double t, const double *rate, const double *y, double *jac);
} wn_bench_case;

extern const wn_bench_case wn_bench_cases[];  // W1, W2, W3, naltrexone; ends with name == NULL
const wn_bench_case *wn_bench_case_find(const char *name);

// Parameters of subject 0, 1, ... -> param[n_param]; the same on every machine.
void wn_bench_subject(const wn_bench_case *c, int subject, double *param);

double wn_bench_time(const wn_bench_case *c, int k);  // of output k
double wn_bench_dose_time(const wn_bench_case *c, int dose);
size_t wn_bench_size(const wn_bench_case *c, int n_subject, int width);  // doubles in a block of results

// Largest error of a block against the reference (width 1) over n subjects: |value - reference| relative to
// |reference|, but to no less than 0.1 % of the state's peak in that subject. Infinite when a value is not finite.
double wn_bench_error(const wn_bench_case *c, int n, const double *block, int width, const double *reference,
                      int *worst_state, double *worst_time);

#endif
