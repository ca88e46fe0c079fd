// individual.c - see individual.h. Invariant: depends on the data set, the seed and the individual only.

#include "sim/individual.h"

#include "sim/population.h"
#include "sim/routes.h"
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
    if (!def->draw)
      memcpy(value, def->param, (size_t)m->n_param * sizeof(double));
    else
      WN_TRY(
          wn_population_draw(m, def->seed, p->index + 1, occasion_of(def->data, p->first + i), def->param, value, err));
  }
  return WN_OK;
}

const double *wn_person_param(const wn_person *person, int record) {
  return person->param + (person->param_varies ? (size_t)record * (size_t)person->model->n_param : 0);
}

// what every route does for each record, or once where that does not change
static wn_status eval_routes(wn_person *p, const wn_dataset *data, wn_error *err) {
  const wn_model *m = p->model;
  p->n_route_value = wn_routes_n(m);
  p->route_varies = p->param_varies || routes_read_covariates(m);
  int n = p->route_varies ? p->n : 1;
  p->route = wn_alloc_doubles((size_t)n * (size_t)p->n_route_value);
  if (!p->route) return wn_fail_memory(err);
  return wn_routes_eval(m, n, p->param, p->param_varies ? m->n_param : 0,
                        data->covariate + (size_t)p->first * (size_t)m->n_covariate, p->route, err);
}

static const double *route_value(void *context, int record) {
  const wn_person *p = context;
  return p->route + (p->route_varies ? (size_t)record * (size_t)p->n_route_value : 0);
}

wn_status wn_person_init(wn_person *person, const wn_records_def *def, int index, wn_error *err) {
  const wn_dataset *data = def->data;
  *person = (wn_person){.index = index, .first = data->first[index], .model = data->model};
  person->n = data->first[index + 1] - person->first;
  wn_status status = draw(person, def, err);
  if (!status) status = eval_routes(person, data, err);
  if (!status) {
    wn_timeline_def timeline = {.model = data->model,
                                .record = data->record + person->first,
                                .n_record = person->n,
                                .dialect = def->dialect,
                                .callfl = def->callfl,
                                .route_value = route_value,
                                .context = person};
    status = wn_timeline_make(&timeline, &person->timeline, err);
    if (status == WN_ERR_USER) wn_fail_prefix(err, "%s: individual %s", data->path, data->id[index]);
  }
  if (status) wn_person_free(person);
  return status;
}

void wn_person_free(wn_person *person) {
  wn_free(person->param);
  wn_free(person->route);
  wn_timeline_free(&person->timeline);
  *person = (wn_person){0};
}

bool wn_person_same_course(const wn_person *a, const wn_person *b) {
  if (a->timeline.action.n != b->timeline.action.n) return false;
  for (int i = 0; i < a->timeline.action.n; i++) {
    const wn_action *x = &a->timeline.action.data[i], *y = &b->timeline.action.data[i];
    if (x->kind != y->kind || x->time != y->time || (x->by < 0) != (y->by < 0)) return false;
  }
  return true;
}
