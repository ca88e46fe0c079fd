// verify.h - a second opinion: simulations made again by CVODE, which shares neither method, step control nor dense
// output with rk, rosenbrock and exact, over the whole model, interpreted, at a hundredth of the tolerances; and how
// far the results are from that.
//
// Outputs are compared at the output times, relative to their value there, or to a thousandth of their peak, or of the
// terms they are a difference of (1 - tone), where they are smaller: the digits that agree are -log10 of the largest
// such difference. What methods promise is states within 10 rtol of their peaks (solve/solver.h). An output disagrees
// where its difference is three times what errors of 10 (rtol x largest + atol) in the states make of it, and more than
// 100 (rtol x value + atol).
#ifndef WN_SIM_VERIFY_H
#define WN_SIM_VERIFY_H

#include "sim/simulate.h"

typedef struct wn_verify_def {
  double share;  // of the simulations, 0 to 1, drawn by the scenario's seed and their number; the first is always one
  double work;   // how much at most, in about ns of one core: each simulation is followed as far as its part lasts. It
                 // is counted, not timed: the same for the same inputs. 0: to the end
  double seconds;  // 0; else the clock ends it: what was checked then depends on the machine
  int n_thread;    // 0: all cores
} wn_verify_def;

// What came of it. Merged in any order, the same.
typedef struct wn_verification {
  int64_t n_all, n_checked;  // simulations there are, and checked
  int64_t n_beyond;          // that differ by more than they should
  int64_t n_lost;            // that CVODE could not follow, or that failed themselves
  double worst;              // largest relative difference
  double done, whole;        // h, of the simulation that was followed the shortest part of its way
  // where the largest difference is
  int64_t index;
  double time;
  char output[64], name[64];  // arm's name
} wn_verification;

// Check simulations of a scenario. `result`: with all trajectories, of the same run; NULL or without them: those chosen
// are simulated again as `run` says. Errors: those of wn_simulate.
wn_status wn_verify(const wn_scenario *scenario, const wn_run_def *run, const wn_result *result,
                    const wn_verify_def *def, wn_verification *verdict, wn_error *err);

// What checks a run by this solver.
wn_solver_def wn_verify_solver(const wn_solver_def *of);

// Is the simulation with this number in the sample?
bool wn_verify_takes(uint64_t seed, int64_t index, double share);

// The `at`-th of some checks, on thread `worker` -> *verdict, whose index counts in the whole run.
typedef wn_status wn_verify_one(void *context, int worker, int at, wn_verification *verdict, wn_error *err);

// Make n checks on n_thread threads (0: all cores) and add their verdicts to `all`, in order. The first error in that
// order.
wn_status wn_verify_each(int n, int n_thread, wn_verify_one *one, void *context, wn_verification *all, wn_error *err);

// "CVODE agrees to 6.3 digits (2 of 2 simulations, first 9 of 28 days)"; "" when nothing was checked.
void wn_verification_words(const wn_verification *verdict, char words[200]);

// What to warn of: "3 of 40 ... differ from CVODE ... by more than ..."; "" when nothing is.
void wn_verification_warning(const wn_verification *verdict, char words[320]);

// Two values, compared with `size`: their relative difference -> *apart, and whether it is more than 100 (rtol x size +
// atol).
bool wn_verify_compare(double value, double other, double size, double rtol, double atol, double *apart);

#endif
