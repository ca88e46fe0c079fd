// individual.c - see individual.h. Invariant: depends on the data set, the seed and the individual only.

#include "sim/individual.h"

#include "sim/population.h"
#include "sim/routes.h"
#include <math.h>
#include <string.h>

static bool routes_read_covariates(const wn_model *m) {
  for (int i = 0; i < m->n_route_all; i++) {
    const wn_route *r = &m->route[i];
    uint32_t bits = wn_graph_depends(m->graph, r->F) | wn_graph_depends(m->graph, r->lag) |
                    wn_graph_depends(m->graph, r->rate) | wn_graph_depends(m->graph, r->duration);
    for (int k = 0; k < r->n_target; k++) bits |= wn_graph_depends(m->graph, r->scale[k]);
    if (bits & (1u << WN_OP_COVARIATE)) return true;
  }
  return false;
}

static bool has_occasions(const wn_model *m) {
  for (int i = 0; i < m->n_random; i++)
    if (m->random[i].occasion) return true;
  return false;
}

static int occasion_of(const wn_dataset *data, int row) { return data->occasion ? data->occasion[row] : 1; }

static wn_status draw(wn_person *p, const wn_records_def *def, wn_error *err) {
  const wn_model *m = p->model;
  p->param_varies = def->draw && has_occasions(m);
  int n = p->param_varies ? p->n : 1;
  p->param = wn_alloc_doubles((size_t)n * (size_t)m->n_param);
  if (!p->param) return wn_fail_memory(err);
  for (int i = 0; i < n; i++) {
    double *value = p->param + (size_t)i * (size_t)m->n_param;
    memcpy(value, def->param, (size_t)m->n_param * sizeof(double));
    if (!def->draw) continue;
    int occasion = occasion_of(def->data, p->first + i);
    WN_TRY(wn_population_draw(m, def->seed, wn_person_number(p, def), occasion, def->param, value, err));
    WN_TRY(wn_population_refuse(m, def->param, value, &p->refused, err));
  }
  return WN_OK;
}

int wn_person_number(const wn_person *person, const wn_records_def *def) {
  return def->data->first_subject + person->index + 1;
}

const double *wn_person_param(const wn_person *person, int record) {
  return person->param + (person->param_varies ? (size_t)record * (size_t)person->model->n_param : 0);
}

// how covariate k of a model runs under a dialect
static wn_interpolation carried(const wn_model *m, int k, wn_dialect dialect) {
  wn_interpolation how = m->covariate[k].interpolation;
  if (how != WN_COVARIATE_DIALECT) return how;
  return dialect == WN_DIALECT_RXODE2 ? WN_COVARIATE_FORWARD : WN_COVARIATE_BACKWARD;
}

static size_t n_row_of(const wn_person *p) { return (size_t)p->n * (p->both_rows ? 2 : 1); }

static double *row_of(const wn_person *p, int row) {
  return p->covariate + (size_t)(p->both_rows ? row : row / 2) * (size_t)p->model->n_covariate_all;
}

const double *wn_person_covariate(const wn_person *person, int row) { return row_of(person, row); }

// on the way from record i - 1 to record i: forward ones stay, linear ones start where they were
static void fill_way(wn_person *p, const wn_dataset *data, wn_dialect dialect, int i) {
  const wn_model *m = p->model;
  const wn_record *now = &data->record[p->first + i], *before = i > 0 ? now - 1 : now;
  const double *here = data->covariate + (size_t)(p->first + i) * (size_t)m->n_covariate;
  const double *last = i > 0 ? here - m->n_covariate : here;
  double *row = row_of(p, WN_ROW_TO(i)), span = now->time - before->time;
  for (int k = 0, slot = m->n_covariate; k < m->n_covariate; k++) {
    wn_interpolation how = carried(m, k, dialect);
    row[k] = how == WN_COVARIATE_BACKWARD ? here[k] : last[k];
    if (m->covariate[k].interpolation != WN_COVARIATE_LINEAR) continue;
    row[slot] = span > 0 ? (here[k] - last[k]) / span : 0;
    row[slot + 1] = before->time;
    slot += 2;
  }
}

static wn_status fill_covariates(wn_person *p, const wn_records_def *def, wn_error *err) {
  const wn_model *m = p->model;
  bool forward = def->dialect == WN_DIALECT_RXODE2;
  for (int k = 0; k < m->n_covariate; k++)
    p->both_rows |= carried(m, k, def->dialect) != (forward ? WN_COVARIATE_FORWARD : WN_COVARIATE_BACKWARD);
  p->covariate = wn_alloc_doubles(n_row_of(p) * (size_t)m->n_covariate_all);
  if (!p->covariate) return wn_fail_memory(err);
  for (int i = 0; i < p->n; i++) {
    if (p->both_rows) fill_way(p, def->data, def->dialect, i);
    const double *here = def->data->covariate + (size_t)(p->first + i) * (size_t)m->n_covariate;
    double *row = row_of(p, WN_ROW_AT(i));
    for (int k = 0; k < m->n_covariate; k++) row[k] = here[k];
  }
  return WN_OK;
}

// what every route does for each row, or once where that does not change
static wn_status eval_routes(wn_person *p, wn_error *err) {
  const wn_model *m = p->model;
  p->n_route_value = wn_routes_n(m);
  p->route_varies = p->param_varies || routes_read_covariates(m);
  int n = p->route_varies ? (int)n_row_of(p) : 1;
  p->route = wn_alloc_doubles((size_t)n * (size_t)p->n_route_value);
  if (!p->route) return wn_fail_memory(err);
  if (!p->param_varies) return wn_routes_eval(m, n, p->param, 0, p->covariate, p->route, err);
  for (int row = 0; row < n; row++)
    WN_TRY(wn_routes_eval(m, 1, wn_person_param(p, p->both_rows ? row / 2 : row), 0,
                          p->covariate + (size_t)row * (size_t)m->n_covariate_all,
                          p->route + (size_t)row * (size_t)p->n_route_value, err));
  return WN_OK;
}

const double *wn_person_route(const wn_person *p, int row) {
  int at = !p->route_varies ? 0 : p->both_rows ? row : row / 2;
  return p->route + (size_t)at * (size_t)p->n_route_value;
}

static const double *route_value(void *context, int row) { return wn_person_route(context, row); }

// where in the file the timeline found what cannot be
static void say_where(const wn_dataset *data, int index, int row, wn_error *err) {
  if (data->line)
    wn_fail_prefix(err, "%s:%d: ID %s", data->path, data->line[row], data->id[index]);
  else
    wn_fail_prefix(err, "%s: ID %s", data->path, data->id[index]);
}

wn_status wn_person_init(wn_person *person, const wn_records_def *def, int index, wn_error *err) {
  const wn_dataset *data = def->data;
  *person = (wn_person){.index = index, .first = data->first[index], .model = data->model};
  person->n = data->first[index + 1] - person->first;
  wn_status status = draw(person, def, err);
  if (!status) status = fill_covariates(person, def, err);
  if (!status) status = eval_routes(person, err);
  if (!status) {
    int bad = 0;
    wn_timeline_def timeline = {.model = data->model,
                                .record = data->record + person->first,
                                .n_record = person->n,
                                .dialect = def->dialect,
                                .callfl = def->callfl,
                                .both_rows = person->both_rows,
                                .bad = &bad,
                                .route_value = route_value,
                                .context = person};
    status = wn_timeline_make(&timeline, &person->timeline, err);
    if (status == WN_ERR_USER) say_where(data, index, person->first + bad, err);
  }
  if (status) wn_person_free(person);
  return status;
}

void wn_person_free(wn_person *person) {
  wn_free(person->param);
  wn_free(person->refused);
  wn_free(person->covariate);
  wn_free(person->route);
  wn_timeline_free(&person->timeline);
  WN_ARRAY_FREE(&person->steady);
  *person = (wn_person){0};
}

void wn_person_bound(const wn_person *p, wn_bounds *param, wn_bounds *covariate, double *start, double *end) {
  const wn_model *m = p->model;
  for (int i = 0; i < (p->param_varies ? p->n : 1); i++)
    for (int k = 0; k < m->n_param; k++) wn_bounds_widen(&param[k], wn_person_param(p, i)[k]);
  for (size_t i = 0; i < n_row_of(p) && m->n_covariate_all; i++)
    for (int k = 0; k < m->n_covariate_all; k++)
      wn_bounds_widen(&covariate[k], p->covariate[i * (size_t)m->n_covariate_all + (size_t)k]);
  for (int i = 0; i < p->timeline.action.n; i++) {
    *start = fmin(*start, p->timeline.action.data[i].time);
    *end = fmax(*end, p->timeline.action.data[i].time);
  }
  // a steady state's period is looked for, and run, at other times than the record's
  if (p->timeline.steady.n) *start = -INFINITY, *end = INFINITY;
}
