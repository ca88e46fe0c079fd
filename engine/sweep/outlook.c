// outlook.c - which cases of a sweep will fail, as far as that is known without a simulation: parameters outside their
// limits. Invariant: a case is judged by the parameters it would run with. It must not know how cases are run.

#include "sweep/impl.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

// as many as are looked at in a quarter of a second
enum { MOST_POINTS = 131072, MOST_PEOPLE = 8192 };

// can an individual's random effect take its parameter out of the limits?
static bool effects_may_fail(const wn_model *m) {
  for (int b = 0; b < m->n_random; b++)
    for (int i = 0; i < m->random[b].n; i++) {
      wn_limits limits = m->param[m->random[b].param[i]].limits;
      wn_distribution distribution = m->random[b].distribution;
      double low = distribution == WN_NORMAL ? -INFINITY : 0, high = distribution == WN_LOGIT ? 1 : INFINITY;
      // neither a lognormal nor a logit value reaches its end
      if (limits.low == low) limits.open_low = false;
      if (limits.high == high) limits.open_high = false;
      if (wn_limits_may_fail(&limits, low, high)) return true;
    }
  return false;
}

static bool may_fail(const wn_sweep *sweep) {
  const wn_model *m = sweep->scenario->model;
  for (int i = 0; i < sweep->n_input; i++) {
    double low, high;
    if (sweep->def.param[i] < 0) continue;
    wn_design_range(sweep->def.design, i, &low, &high);
    if (wn_limits_may_fail(&m->param[sweep->def.param[i]].limits, low, high)) return true;
  }
  return sweep->def.n_person > 0 && effects_may_fail(m);
}

// WN_ERR_USER: outside, in some arm
static wn_status judge(const wn_sweep *sweep, int64_t k, double *input, double *param, wn_error *err) {
  const wn_scenario *s = sweep->scenario;
  int n_person = sweep->def.n_person, cases = wn_sweep_table_cases(sweep->manifest.table);
  wn_design_point(sweep->def.design, k / cases, input);
  for (int a = 0; a < s->n_arm; a++) {
    WN_TRY(wn_sweep_param(sweep, input, n_person > 0 ? (int)(k % n_person) + 1 : 0, s->arm[a].param, param, err));
    WN_TRY(wn_model_check_values(s->model, param, err));
  }
  return WN_OK;
}

static wn_status look(const wn_sweep *sweep, double *input, double *param, wn_sweep_outlook *o, wn_error *err) {
  int64_t most = sweep->def.n_person > 0 ? MOST_PEOPLE : MOST_POINTS;
  for (; o->n_seen < o->n_case && o->n_seen < most; o->n_seen++) {
    wn_status status = judge(sweep, o->n_seen, input, param, err);
    if (!status) continue;
    if (status != WN_ERR_USER) return status;
    if (o->n_outside++) continue;
    o->point = o->n_seen / wn_sweep_table_cases(sweep->manifest.table) + 1;
    o->person = sweep->def.n_person > 0 ? (int)(o->n_seen % sweep->def.n_person) + 1 : 0;
    snprintf(o->words, sizeof o->words, "%.255s", err->message);
  }
  return WN_OK;
}

wn_status wn_sweep_look_ahead(const wn_sweep *sweep, wn_sweep_outlook *outlook, wn_error *err) {
  *outlook = (wn_sweep_outlook){.n_case = sweep->manifest.n_case};
  if (!may_fail(sweep)) {
    outlook->n_seen = outlook->n_case;
    return WN_OK;
  }
  double *input = wn_alloc_doubles((size_t)sweep->n_input);
  double *param = wn_alloc_doubles((size_t)sweep->scenario->model->n_param);
  wn_error own;
  wn_status status = input && param ? look(sweep, input, param, outlook, err ? err : &own) : wn_fail_memory(err);
  wn_free(input);
  wn_free(param);
  return status;
}
