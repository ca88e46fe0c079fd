// compute.c - one shard from nothing: points, plans, one big scenario of all their arms, rows. Invariant: depends on
// the sweep's facts and the shard's number only, never on the worker or on what was computed before. It must not know
// where shards are kept.

#include "sweep/impl.h"

#include "sim/population.h"

#include <math.h>
#include <string.h>

enum { KEPT_PLANS = 256 };

// a plan that was made, or why it could not be
typedef struct planned {
  double *value;  // [n_input] the inputs it was made for
  wn_scenario *scenario;
  char *words;  // NULL: it is there
} planned;

struct wn_worker {
  WN_ARRAY(planned) plans;
  int last;  // the plan used last
};

// the shard at work
typedef struct work {
  const wn_sweep *sweep;
  wn_worker *worker;
  int number;
  wn_shard *shard;
  int *plan;                      // [n_case] index into the worker's plans
  char *done;                     // [n_case]
  int *chosen;                    // [n_case] cases of the group at work
  wn_verification *verification;  // NULL; else cases are checked, and their rows stay empty
  double allowed;                 // work for a check, see wn_verify_def
  int32_t *keys;                  // [n_row][n_curve][n_time] for quantiles, or NULL
} work;

// -- workers --------------------------------------------------------------------------------------------------------

static void forget_plans(wn_worker *worker) {
  for (int i = 0; i < worker->plans.n; i++) {
    wn_scenario_destroy(worker->plans.data[i].scenario);
    wn_free(worker->plans.data[i].value);
    wn_free(worker->plans.data[i].words);
  }
  worker->plans.n = worker->last = 0;
}

wn_status wn_sweep_workers_create(wn_sweep *sweep, int n_worker, wn_error *err) {
  sweep->worker = wn_alloc((size_t)n_worker * sizeof *sweep->worker);
  if (!sweep->worker) return wn_fail_memory(err);
  sweep->n_worker = n_worker;
  return WN_OK;
}

void wn_sweep_workers_destroy(wn_sweep *sweep) {
  for (int i = 0; i < sweep->n_worker; i++) {
    forget_plans(&sweep->worker[i]);
    WN_ARRAY_FREE(&sweep->worker[i].plans);
  }
  wn_free(sweep->worker);
  sweep->worker = NULL, sweep->n_worker = 0;
}

// -- plans ----------------------------------------------------------------------------------------------------------

static bool same_plan(const wn_sweep *sweep, const double *a, const double *b) {
  for (int i = 0; i < sweep->n_input; i++)
    if (sweep->def.param[i] < 0 && a[i] != b[i]) return false;
  return true;
}

// rows can only stand under each other when their scenarios have the same arms, outputs and windows
static bool same_shape(const wn_scenario *a, const wn_scenario *b) {
  bool same = a->n_arm == b->n_arm && a->n_watch == b->n_watch && a->n_window == b->n_window;
  for (int i = 0; same && i < a->n_arm; i++) same = strcmp(a->arm[i].name, b->arm[i].name) == 0;
  for (int i = 0; same && i < a->n_watch; i++) same = a->watch[i] == b->watch[i];
  for (int i = 0; same && i < a->n_window; i++) same = strcmp(a->window[i].name, b->window[i].name) == 0;
  return same;
}

static wn_status make_plan(const work *w, const double *value, wn_error *err) {
  const wn_sweep *sweep = w->sweep;
  size_t size = (size_t)sweep->n_input * sizeof *value;
  planned made = {.value = wn_alloc(size)};
  if (!made.value || !WN_PUSH(&w->worker->plans, made)) {
    wn_free(made.value);
    return wn_fail_memory(err);
  }
  planned *p = &w->worker->plans.data[w->worker->plans.n - 1];
  memcpy(p->value, value, size);
  wn_status status = sweep->def.plan(sweep->def.context, w->number, value, &p->scenario, err);
  if (!status && sweep->scenario && !same_shape(sweep->scenario, p->scenario))
    status = wn_fail(err, WN_ERR_USER, "the arms, outputs or windows are not those of the first point");
  if (status != WN_ERR_USER) return status;
  p->words = wn_strdup(err->message);
  return p->words ? WN_OK : wn_fail_memory(err);
}

static wn_status find_plan(const work *w, const double *value, int *index, wn_error *err) {
  wn_worker *worker = w->worker;
  for (int i = 0; i < worker->plans.n; i++) {
    int at = worker->last + i < worker->plans.n ? worker->last + i : worker->last + i - worker->plans.n;
    if (!same_plan(w->sweep, worker->plans.data[at].value, value)) continue;
    *index = worker->last = at;
    return WN_OK;
  }
  WN_TRY(make_plan(w, value, err));
  *index = worker->last = worker->plans.n - 1;
  return WN_OK;
}

static const planned *plan_of(const work *w, int k) { return &w->worker->plans.data[w->plan[k]]; }

// -- one scenario of many cases -------------------------------------------------------------------------------------

// runs that may share a scenario: its times hold for all arms, but for their ends where no trajectories are kept
static bool same_times(const work *w, const wn_scenario *a, const wn_scenario *b) {
  if (a->t_start != b->t_start || a->night_from != b->night_from || a->night_to != b->night_to) return false;
  return !w->sweep->run.keep_trajectories || (a->t_end == b->t_end && a->every == b->every);
}

// which individual a case is; 0: the typical one
static int person_of(const work *w, int k) {
  int n = w->sweep->def.n_person;
  return n > 0 ? (int)((w->shard->first_case + k) % n) + 1 : 0;
}

static wn_status fail_case(const work *w, int k, const char *words, wn_error *err) {
  int n_arm = w->sweep->manifest.table->n_arm;
  for (int a = 0; a < n_arm; a++) WN_TRY(wn_shard_fail(w->shard, k * n_arm + a, words, err));
  return WN_OK;
}

wn_status wn_sweep_param(const wn_sweep *sweep, const double *input, int person, const double *plan, double *param,
                         wn_error *err) {
  const wn_model *model = sweep->scenario->model;
  memcpy(param, plan, (size_t)model->n_param * sizeof *param);
  for (int i = 0; i < sweep->n_input; i++)
    if (sweep->def.param[i] >= 0) param[sweep->def.param[i]] = input[i];
  if (person == 0) return WN_OK;
  double *typical = wn_alloc_doubles((size_t)model->n_param);
  if (!typical) return wn_fail_memory(err);
  memcpy(typical, param, (size_t)model->n_param * sizeof *param);
  wn_status status = wn_population_draw(model, sweep->scenario->seed, person, 1, typical, param, err);
  wn_free(typical);
  return status;
}

// the arms of one case; WN_ERR_USER when a parameter is outside its limits
static wn_status fill_arms(const work *w, int k, wn_arm *arm, double *param, wn_error *err) {
  const wn_model *model = w->sweep->scenario->model;
  const wn_scenario *plan = plan_of(w, k)->scenario;
  const double *input = w->shard->input + (size_t)k * (size_t)w->sweep->n_input;
  for (int a = 0; a < plan->n_arm; a++, arm++, param += model->n_param) {
    *arm = plan->arm[a];
    arm->param = param;
    arm->t_end = plan->t_end;
    arm->person = person_of(w, k);
    WN_TRY(wn_sweep_param(w->sweep, input, arm->person, plan->arm[a].param, param, err));
    WN_TRY(wn_model_check_values(model, param, err));
  }
  return WN_OK;
}

// cases whose parameters cannot be are failed and taken out of chosen[*n]
static wn_status fill_cases(const work *w, int *chosen, int *n, int n_arm, wn_arm *arm, double *param, wn_error *err) {
  int kept = 0, n_param = w->sweep->scenario->model->n_param;
  for (int i = 0; i < *n; i++) {
    size_t at = (size_t)kept * (size_t)n_arm;
    wn_status status = fill_arms(w, chosen[i], arm + at, param + at * (size_t)n_param, err);
    if (!status)
      chosen[kept++] = chosen[i];
    else
      WN_TRY(status == WN_ERR_USER ? fail_case(w, chosen[i], err->message, err) : status);
  }
  *n = kept;
  return WN_OK;
}

static wn_status take_row(const work *w, const wn_result *result, int series, int row, wn_error *err) {
  const wn_sweep_table *table = w->sweep->manifest.table;
  const wn_series *s = &result->series[series];
  wn_sweep_table_row(table, result, series, w->shard->value + (size_t)row * (size_t)table->n_column);
  if (s->status) WN_TRY(wn_shard_fail(w->shard, row, s->message, err));
  w->shard->n_second += s->second != NULL;
  size_t n = (size_t)wn_sweep_table_curves(table);
  if (w->shard->curve) wn_sweep_table_row_curves(table, result, series, w->shard->curve + (size_t)row * n);
  if (!w->keys) return WN_OK;
  double *curve = wn_alloc_doubles(n);
  if (!curve) return wn_fail_memory(err);
  wn_sweep_table_row_curves(table, result, series, curve);
  // a run that failed on its way is in none of the quantiles
  for (size_t i = 0; i < n; i++) w->keys[(size_t)row * n + i] = s->status ? WN_SKETCH_NONE : wn_sketch_key(curve[i]);
  wn_free(curve);
  return WN_OK;
}

static wn_status simulate(const work *w, int *chosen, int *n_chosen, wn_error *err) {
  const wn_sweep *sweep = w->sweep;
  wn_scenario big = *plan_of(w, chosen[0])->scenario;
  int n = *n_chosen, n_arm = big.n_arm, n_param = big.model->n_param;
  wn_arm *arm = wn_alloc((size_t)(n * n_arm) * sizeof *arm);
  double *param = wn_alloc_doubles((size_t)(n * n_arm) * (size_t)n_param);
  wn_result *result = NULL;
  wn_status status = arm && param ? WN_OK : wn_fail_memory(err);
  if (!status) status = fill_cases(w, chosen, &n, n_arm, arm, param, err);
  *n_chosen = n;
  if (!status && n > 0) {
    big.arm = arm, big.n_arm = n * n_arm, big.n_subject = 1;
    for (int i = 0; i < n * n_arm; i++) big.t_end = fmax(big.t_end, arm[i].t_end);
    // the model of the first plan, so that it does not matter which worker's script made the others
    big.model = sweep->scenario->model;
    if (w->verification) {
      const wn_verify_def def = {.share = 1, .work = w->allowed, .n_thread = 1};
      status = wn_verify(&big, &sweep->run, NULL, &def, w->verification, err);
    } else {
      status = wn_simulate(&big, &sweep->run, &result, err);
    }
  }
  for (int i = 0; result && !status && i < n * n_arm; i++)
    status = take_row(w, result, i, chosen[i / n_arm] * n_arm + i % n_arm, err);
  wn_result_destroy(result);
  wn_free(arm);
  wn_free(param);
  return status;
}

// a case that cannot be simulated (a negative lag, a share above 1) must not take the others with it: halve until it is
// alone
static wn_status simulate_apart(const work *w, int *chosen, int n, wn_error *err) {
  wn_status status = simulate(w, chosen, &n, err);
  if (status != WN_ERR_USER) return status;
  if (n == 1) return fail_case(w, chosen[0], err->message, err);
  WN_TRY(simulate_apart(w, chosen, n / 2, err));
  return simulate_apart(w, chosen + n / 2, n - n / 2, err);
}

// cases that may share a scenario run together, in the order of the first of each group
static wn_status simulate_groups(const work *w, wn_error *err) {
  for (int k = 0; k < w->shard->n_case; k++) {
    if (w->done[k]) continue;
    int n = 0;
    for (int i = k; i < w->shard->n_case; i++) {
      if (w->done[i] || !same_times(w, plan_of(w, k)->scenario, plan_of(w, i)->scenario)) continue;
      w->chosen[n++] = i;
      w->done[i] = 1;
    }
    WN_TRY(simulate_apart(w, w->chosen, n, err));
  }
  return WN_OK;
}

// -- the shard ------------------------------------------------------------------------------------------------------

static wn_status plan_cases(const work *w, wn_error *err) {
  const wn_sweep *sweep = w->sweep;
  int cases = wn_sweep_table_cases(sweep->manifest.table);
  for (int k = 0; k < w->shard->n_case; k++) {
    double *input = w->shard->input + (size_t)k * (size_t)sweep->n_input;
    wn_design_point(sweep->def.design, (w->shard->first_case + k) / cases, input);
    WN_TRY(find_plan(w, input, &w->plan[k], err));
    const char *words = plan_of(w, k)->words;
    if (!words) continue;
    w->done[k] = 1;
    WN_TRY(fail_case(w, k, words, err));
  }
  return WN_OK;
}

// counts of every arm's cells, one arm after the other
static wn_status pack_counts(const work *w, wn_error *err) {
  const wn_sweep_table *table = w->sweep->manifest.table;
  int64_t n_cell = wn_sweep_table_curves(table);
  WN_ARRAY(unsigned char) all = {0};
  wn_status status = WN_OK;
  for (int a = 0; a < table->n_arm && !status; a++) {
    unsigned char *bytes = NULL;
    size_t size;
    status = wn_sketch_pack(w->keys + a * n_cell, w->shard->n_case, n_cell, table->n_arm * n_cell, &bytes, &size, err);
    if (!status && !wn_array_grow((void **)&all.data, &all.cap, all.n + (int)size, 1)) status = wn_fail_memory(err);
    if (!status) memcpy(all.data + all.n, bytes, size), all.n += (int)size;
    wn_free(bytes);
  }
  w->shard->counts = all.data, w->shard->counts_size = (size_t)all.n;
  return status;
}

static wn_status compute(work *w, wn_error *err) {
  const wn_sweep_table *table = w->sweep->manifest.table;
  size_t n = (size_t)w->shard->n_case, n_key = (size_t)w->shard->n_row * (size_t)wn_sweep_table_curves(table);
  w->plan = wn_alloc(n * sizeof *w->plan);
  w->done = wn_alloc(n);
  w->chosen = wn_alloc(n * sizeof *w->chosen);
  bool counts = table->keep == WN_SWEEP_QUANTILES;
  if (counts) w->keys = wn_alloc(n_key * sizeof *w->keys);
  if (!w->plan || !w->done || !w->chosen || (counts && !w->keys)) return wn_fail_memory(err);
  for (size_t i = 0; counts && i < n_key; i++) w->keys[i] = WN_SKETCH_NONE;
  WN_TRY(plan_cases(w, err));
  WN_TRY(simulate_groups(w, err));
  return counts ? pack_counts(w, err) : WN_OK;
}

static wn_status compute_cases(work *w, int64_t shard, int64_t first, int n, wn_error *err) {
  if (w->worker->plans.n > KEPT_PLANS) forget_plans(w->worker);
  w->shard = wn_shard_create(w->sweep->manifest.table, shard, first, n);
  if (!w->shard) return wn_fail_memory(err);
  wn_status status = compute(w, err);
  wn_free(w->plan);
  wn_free(w->done);
  wn_free(w->chosen);
  wn_free(w->keys);
  return status;
}

wn_status wn_sweep_compute(const wn_sweep *sweep, int worker, int index, wn_shard **shard, wn_error *err) {
  const wn_manifest *m = &sweep->manifest;
  work w = {.sweep = sweep, .worker = &sweep->worker[worker], .number = worker};
  *shard = NULL;
  wn_status status = compute_cases(&w, index, wn_sweep_shard_first(m, index), wn_sweep_shard_cases(m, index), err);
  if (status)
    wn_shard_destroy(w.shard);
  else
    *shard = w.shard;
  return status;
}

wn_status wn_sweep_verify_case(const wn_sweep *sweep, int worker, int64_t index, double work_ns,
                               wn_verification *verification, wn_error *err) {
  *verification = (wn_verification){0};
  work w = {.sweep = sweep,
            .worker = &sweep->worker[worker],
            .number = worker,
            .verification = verification,
            .allowed = work_ns};
  const wn_status status = compute_cases(&w, 0, index, 1, err);
  wn_shard_destroy(w.shard);
  return status;
}

// -- the first point ------------------------------------------------------------------------------------------------

wn_status wn_sweep_probe(wn_sweep *sweep, wn_result **result, wn_error *err) {
  wn_design_point(sweep->def.design, 0, sweep->first);
  WN_TRY(sweep->def.plan(sweep->def.context, 0, sweep->first, &sweep->scenario, err));
  wn_scenario one = *sweep->scenario;
  one.arm = wn_alloc((size_t)one.n_arm * sizeof *one.arm);
  double *param = wn_alloc_doubles((size_t)one.n_arm * (size_t)one.model->n_param);
  wn_status status = one.arm && param ? WN_OK : wn_fail_memory(err);
  if (!status) {
    for (int a = 0; a < one.n_arm; a++) {
      one.arm[a] = sweep->scenario->arm[a];
      one.arm[a].param = param + (size_t)a * (size_t)one.model->n_param;
      memcpy(one.arm[a].param, sweep->scenario->arm[a].param, (size_t)one.model->n_param * sizeof *param);
      for (int k = 0; k < sweep->n_input; k++) {
        int p = sweep->def.param[k];
        // (a draw that is outside fails by itself, in its row)
        if (p >= 0 && wn_limits_hold(&one.model->param[p].limits, sweep->first[k]))
          one.arm[a].param[p] = sweep->first[k];
      }
    }
    one.n_subject = 1;
    status = wn_simulate(&one, &sweep->run, result, err);
  }
  wn_free(one.arm);
  wn_free(param);
  if (*result) (*result)->scenario = sweep->scenario;
  return status;
}
