// solver.h - the narrow table behind which every integrator sits. A solver advances W copies of n_state equations,
// lanes, each on its own clock with its own steps: a lane's numbers do not depend on its neighbours. It does not know
// what a dose or a schedule is. SUNDIALS is named only in sundials/.
#ifndef WN_SOLVE_SOLVER_H
#define WN_SOLVE_SOLVER_H

#include "base/error.h"
#include "expr/sparse_lu.h"
#include <stdbool.h>

// What is integrated: dy/dt = rhs(t, y) over lanes, all blocks [.][width], time [width]. Callbacks return 0, or nonzero
// when the result is not finite (the solver then tries a smaller step).
typedef struct wn_system {
  int n_state, width;
  int (*rhs)(void *context, const double *time, const double *y, double *dy);
  int (*jacobian)(void *context, const double *time, const double *y, double *values);  // [n_nz][width]; may be NULL
  // how the derivatives change with the time alone -> slope [n_state][width]; NULL: they do not
  int (*drift)(void *context, const double *time, const double *y, double *slope);
  // coefficients of the Taylor series in time of the solution through (time, y), of powers 1 to order -> [order]
  // [n_state][width]; a lane's may be not finite. Nonzero: of no lane is there a series now. NULL: there never is
  int (*series)(void *context, const double *time, const double *y, double *coefficients);
  int order;  // 1 <= order where there is a series
  // [width] numbers below width: lanes with the same one keep the same time; NULL: each lane its own
  const int *group;
  int n_lane;  // lanes from here on repeat the last one before them: integrators may leave them to it; 0: width
  int n_nz;
  const int *row, *col;
  const wn_lu *lu;  // NULL only if jacobian is
  bool is_linear;   // dy/ds = A y + b, constant between beginnings; default false
  void *context;
} wn_system;

typedef struct wn_solver_def {
  const char *name;   // "auto", or a row of the table
  double rtol, atol;  // 1e-6, 1e-9; of each step. atol in the unit of each state. Against closed forms a run ends
                      // within 10 rtol of a state's peak by bdf and rosenbrock, within 1 rtol by rk and explicit
  double floor;     // 0; errors below this share of rtol times the largest value a state has had in its lane count for
                    // nothing either
  double max_step;  // h; 0 = none
  long max_steps;   // between two beginnings; 500000. Not asked by exact
} wn_solver_def;
wn_solver_def wn_solver_default(void);

typedef struct wn_solver_stats {
  long n_step, n_rhs, n_jacobian;
  long n_factor;  // factorisations; of exact: matrix exponentials
  long n_error_fail, n_newton_fail, n_restart;
} wn_solver_stats;

typedef struct wn_solver wn_solver;

// A solver's row in the table.
typedef struct wn_solver_type {
  const char *name, *doc;                  // what it is good for
  const struct wn_integrator *integrator;  // its functions
  const char *second;                      // who is asked where this one gives up; NULL: nobody
  bool is_serial;                          // lanes are integrated one after the other: the narrowest batch costs least
} wn_solver_type;
extern const wn_solver_type wn_solver_types[];  // ends with name == NULL
int wn_solver_n_type(void);

// `system` is copied; its context is borrowed. "auto" must have been resolved with wn_solver_choose.
wn_status wn_solver_create(const wn_system *system, const wn_solver_def *def, wn_solver **solver, wn_error *err);
void wn_solver_destroy(wn_solver *solver);

// Lanes with which[lane] set (NULL: all) begin anew at from[lane] with the lane's y [n_state][width] (start of a run,
// after each event), and are to end at to[lane], at or after it; times are [width]. from NULL: they go on from where
// they are to another end, y is not read. The other lanes go on as they were. WN_ERR_RUN when a state is not finite.
wn_status wn_solver_begin(wn_solver *solver, const bool *which, const double *from, const double *to, const double *y,
                          wn_error *err);

// Lanes with which[lane] set take up something new with their next beginning: nothing learnt from what they did before
// is used.
void wn_solver_renew(wn_solver *solver, const bool *which);

// Let lanes that are not at their ends take a step, never past them, of which those of some lanes may fail and be tried
// again smaller at the next call. WN_ERR_RUN when the step size collapses, Newton fails for good, max_steps is reached
// or a value is not finite: the words say which state and the time, as far as the solver can tell.
wn_status wn_solver_advance(wn_solver *solver, wn_error *err);

const double *wn_solver_times(const wn_solver *solver);  // [width] where each lane is
const double *
wn_solver_previously(const wn_solver *solver);     // [width] and was before the last call; the same: it stood
const double *wn_solver_state(wn_solver *solver);  // [n_state][width] where lanes are

// Within each lane's part of the last call of wn_solver_advance (times [width] are clamped to it), to solver accuracy,
// without evaluating the equations; where the lane is now it is the state itself, bit for bit. y [n_state][width], any
// alignment.
void wn_solver_look(wn_solver *solver, const double *time, double *y);

// The same at n pairs of a lane and a time -> y[pair] [n_state]. For when few lanes are asked for.
void wn_solver_look_at(wn_solver *solver, int n, const int *lane, const double *time, double *const *y);

// The same between the beginning of each lane's last step and where it is to end, if the solver knows the way at once
// (exact does): at n times in ascending order, [n] for all lanes (is_shared) or [n][width] -> y [n][n_state][width],
// 32-byte aligned. Equal spans between times cost least. False: it does not know; nothing is written.
bool wn_solver_ahead(wn_solver *solver, int n, const double *time, bool is_shared, double *y);

// Of a row of the table, see wn_solver_type; NULL and false of a name that is none.
const char *wn_solver_second(const char *name);
bool wn_solver_is_serial(const char *name);

// The next pieces of what the last call of wn_solver_advance did, if the solver knows more than its caller can see of
// whole steps (exact does): the lanes' states at equally spaced times `from` [width] to `to` [width], both included ->
// node[k] [n_state][width]. Pieces are so short that the polynomial of degree 8 through the nodes gives integrals to
// 1e-11 of those over the step, and states to 1e-10 of their size. One without length: the lane's step is over. Valid
// until the next call. False: there is none left.
enum { WN_N_NODES = 9 };
bool wn_solver_nodes(wn_solver *solver, const double **from, const double **to, const double *node[WN_N_NODES]);

// Which state of which lane has the largest error against its tolerance (one that is not finite comes first), to name
// it after a failed step. Returns 1, or 0 (and -1, -1) when nothing is known.
int wn_solver_worst(const wn_solver *solver, int *state, int *lane);

void wn_solver_stats_get(wn_solver *solver, wn_solver_stats *stats);  // summed over beginnings

// What one lane took since it was made or renewed.
void wn_solver_lane_stats(wn_solver *solver, int lane, wn_solver_stats *stats);

// "exact" when the system is linear and its exponentials are cheap. Else decide between "taylor" ("rk" where the
// equations have no series) and "rosenbrock" from the spectral radius of the Jacobian at (time [width], y) (worst lane)
// and the typical span between events: reason[] says it in words ("fastest mode 142 1/h against 24 h between doses:
// stiff").
const char *wn_solver_choose(const wn_system *system, const double *time, const double *y, double span,
                             char reason[160]);

// "SUNDIALS 6.4.1, built -O2 from Debian source".
const char *wn_solver_library(void);

#endif
