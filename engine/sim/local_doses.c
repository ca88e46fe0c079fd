// local_doses.c - how one dosing action moves with parameters: with F, scale and lag of its route, and with the amount.
// Invariant: what a record itself says (its time, interval, duration or rate) is held fixed.

#include "sim/local_run.h"

#include <string.h>

static const double *moves(const wn_local_lanes *l, int value) { return l->route_move + value * l->n_sens; }

// does this action only say again what the one before it said?
static bool is_repeated(const wn_schedule *schedule, int index) {
  if (index == 0) return false;
  const wn_action *a = &schedule->action[index - 1], *b = a + 1;
  return a->time == b->time && a->kind == b->kind && a->state == b->state && a->record == b->record &&
         a->repeat == b->repeat && a->why == b->why;
}

// F * scale * x into the action's state: value, and its derivative -> amount_by, both times `factor`
static void entering(const wn_local_lanes *l, const wn_route *route, int at, int state, double factor,
                     double *amount_by) {
  double F = l->route[at + WN_ROUTE_F];
  const double *F_by = moves(l, at + WN_ROUTE_F);
  for (int t = 0; t < route->n_target; t++) {
    if (route->target[t] != state) continue;
    double scale = l->route[at + WN_ROUTE_SCALE + t];
    const double *scale_by = moves(l, at + WN_ROUTE_SCALE + t);
    for (int k = 0; k < l->n_sens; k++) amount_by[k] += factor * (F_by[k] * scale + F * scale_by[k]);
    // the last quantity is the logarithm of all amounts
    amount_by[l->n_sens - 1] += factor * F * scale;
  }
}

// an infusion at a given rate: F decides how long it takes
static void at_rate(const wn_local_lanes *l, const wn_dose *dose, const wn_route *route, int at, int state, bool ends,
                    double *time_by, double *amount_by) {
  for (int t = 0; t < route->n_target; t++) {
    const double *scale_by = moves(l, at + WN_ROUTE_SCALE + t);
    for (int k = 0; k < l->n_sens && route->target[t] == state; k++) amount_by[k] += dose->rate * scale_by[k];
  }
  if (!ends) return;
  const double *F_by = moves(l, at + WN_ROUTE_F);
  for (int k = 0; k < l->n_sens; k++) time_by[k] += dose->amount / dose->rate * F_by[k];
  time_by[l->n_sens - 1] += dose->amount / dose->rate * l->route[at + WN_ROUTE_F];
}

bool wn_local_action(const wn_local_lanes *l, const wn_schedule *schedule, const wn_dose *doses, int index,
                     double *time_by, double *amount_by) {
  const wn_action *action = &schedule->action[index];
  const wn_dose *dose = &doses[action->record];
  const wn_route *route = &l->model->route[dose->route];
  int at = l->model->route_at[dose->route];
  memcpy(time_by, moves(l, at + WN_ROUTE_LAG), (size_t)l->n_sens * sizeof(double));
  memset(amount_by, 0, (size_t)l->n_sens * sizeof(double));
  if (is_repeated(schedule, index)) return false;
  bool ends = action->why && strcmp(action->why, WN_INFUSION_ENDS) == 0;
  if (action->kind == WN_ACT_BOLUS)
    entering(l, route, at, action->state, dose->amount, amount_by);
  else if (dose->rate > 0)
    at_rate(l, dose, route, at, action->state, ends, time_by, amount_by);
  else
    entering(l, route, at, action->state, dose->amount / dose->duration, amount_by);
  for (int k = 0; k < l->n_sens && ends; k++) amount_by[k] = -amount_by[k];
  return true;
}
