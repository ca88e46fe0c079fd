// view.c - see view.h. Invariant: what is left out depends on the scenario and its subjects only, never on how they are
// cut into batches. It must not know how anything is simulated.

#include "sim/view.h"

static void bound_params(const wn_scenario *s, const wn_subject *subjects, wn_bounds *param) {
  int n = wn_scenario_n_series(s);
  for (int k = 0; k < s->model->n_param; k++) param[k] = wn_bounds_point(subjects[0].param[k]);
  for (int i = 1; i < n; i++)
    for (int k = 0; k < s->model->n_param; k++) {
      const double value = subjects[i].param[k];
      if (!(value >= param[k].low && value <= param[k].high)) wn_bounds_widen(&param[k], value);
    }
}

static void mark_given(const wn_subject *subjects, int n, unsigned char *is_given) {
  for (int i = 0; i < n; i++) {
    if (subjects[i].borrows_schedule) continue;
    const wn_schedule *schedule = &subjects[i].schedule;
    for (int k = 0; k < schedule->n_action; k++) is_given[schedule->action[k].state] = 1;
  }
}

// outputs that are shown or compared
static void mark_wanted(const wn_scenario *s, unsigned char *is_wanted) {
  for (int i = 0; i < s->n_watch; i++) is_wanted[s->watch[i]] = 1;
  for (int w = 0; w < s->n_window; w++) is_wanted[s->window[w].output] = 1;
}

static wn_status reduce(wn_view *view, const wn_subject *subjects, wn_error *err) {
  const wn_scenario *s = view->result.scenario;
  const wn_model *m = s->model;
  size_t n_flag = (size_t)m->n_state + (size_t)m->n_output + 1;
  unsigned char *is_given = wn_alloc(n_flag), *is_wanted = is_given ? is_given + m->n_state : NULL;
  wn_bounds *param = wn_alloc(((size_t)m->n_param + 1) * sizeof *param);
  wn_status status = is_given && param ? WN_OK : wn_fail_memory(err);
  if (!status) {
    mark_given(subjects, wn_scenario_n_series(s), is_given);
    mark_wanted(s, is_wanted);
    bound_params(s, subjects, param);
    // metrics of all outputs, or all columns: then all are wanted
    bool all = !view->result.is_brief || view->result.kept == WN_KEEP_ALL;
    wn_run_domain run = {.is_given = is_given,
                         .is_wanted = all ? NULL : is_wanted,
                         .param = param,
                         .t_start = s->t_start,
                         .t_end = s->t_end};
    status = wn_model_reduce(m, &run, &view->reduced, err);
  }
  wn_free(is_given);
  wn_free(param);
  return status;
}

static wn_status renumber(wn_view *view, wn_subject *subjects, wn_error *err) {
  const wn_scenario *full = view->result.scenario;
  const wn_reduced *r = view->reduced;
  wn_scenario *s = &view->scenario;
  s->model = r->model;
  s->watch = wn_alloc(((size_t)s->n_watch + 1) * sizeof *s->watch);
  s->window = wn_alloc(((size_t)s->n_window + 1) * sizeof *s->window);
  view->auc_unit = wn_alloc(((size_t)r->model->n_output + 1) * sizeof *view->auc_unit);
  if (!s->watch || !s->window || !view->auc_unit) return wn_fail_memory(err);
  for (int i = 0; i < s->n_watch; i++) s->watch[i] = r->output_at[full->watch[i]];
  for (int w = 0; w < s->n_window; w++) {
    s->window[w] = full->window[w];
    s->window[w].output = r->output_at[full->window[w].output];
  }
  for (int i = 0; i < r->model->n_output; i++) view->auc_unit[i] = view->result.auc_unit[r->output[i]];
  view->result.auc_unit = view->auc_unit;
  for (int i = 0; i < wn_scenario_n_series(full); i++) {
    wn_schedule *schedule = &subjects[i].schedule;
    for (int k = 0; k < schedule->n_action && !subjects[i].borrows_schedule; k++)
      schedule->action[k].state = r->state_at[schedule->action[k].state];
  }
  return WN_OK;
}

wn_status wn_view_init(wn_view *view, const wn_result *result, wn_subject *subjects, bool whole, wn_error *err) {
  *view = (wn_view){.scenario = *result->scenario, .result = *result};
  wn_status status = whole ? WN_OK : reduce(view, subjects, err);
  if (!status && view->reduced) {
    view->scenario.watch = NULL, view->scenario.window = NULL;
    status = renumber(view, subjects, err);
  }
  // a scenario of its own even when nothing is left out: the lanes never see another one
  view->result.scenario = &view->scenario;
  return status;
}

void wn_view_free(wn_view *view) {
  if (view->reduced) {
    wn_free(view->scenario.watch);
    wn_free(view->scenario.window);
  }
  wn_free(view->auc_unit);
  wn_reduced_destroy(view->reduced);
  *view = (wn_view){0};
}
