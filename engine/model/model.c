// model.c - a model's life and its names: create, destroy, find by name, default parameters.
// Invariant: everything of the declaration lives in the model's arena. Knows no equation.

#include "model/model.h"
#include "base/text.h"
#include "model/reductions.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

const char *wn_badge_name(wn_badge badge) {
  static const char *const names[] = {[WN_MEASURED] = "measured", [WN_FITTED] = "fitted", [WN_ASSUMED] = "assumed"};
  assert(badge >= WN_MEASURED && badge <= WN_ASSUMED);
  return names[badge];
}

wn_model *wn_model_create(void) {
  wn_arena *arena = wn_arena_create();
  wn_model *model = arena ? wn_arena_alloc(arena, sizeof *model) : NULL;
  wn_graph *graph = model ? wn_graph_create() : NULL;
  if (!graph) {
    wn_arena_destroy(arena);
    return NULL;
  }
  model->arena = arena;
  model->graph = graph;
  return model;
}

void wn_model_destroy(wn_model *model) {
  if (!model) return;
  wn_reductions_destroy(model->reductions);
  wn_native_destroy(model->native);
  wn_native_destroy(model->series_native);
  wn_program_destroy(model->series);
  wn_program_destroy(model->rhs);
  wn_program_destroy(model->drift);
  wn_program_destroy(model->jacobian);
  wn_program_destroy(model->initial);
  wn_program_destroy(model->outputs);
  wn_program_destroy(model->routes);
  wn_lu_destroy(model->lu);
  wn_graph_destroy(model->graph);
  wn_arena_destroy(model->arena);
}

bool wn_model_native(const wn_model *model, int width, double lane_evals) {
  return wn_native_prepare(model->native, width, lane_evals);
}

bool wn_model_native_series(const wn_model *model, int width, double lane_evals) {
  return model->series_native && wn_native_prepare(model->series_native, width, lane_evals);
}

// The named things of a model: every one of them begins with its name.
typedef struct list {
  const char *kind;
  const void *items;
  int n;
  size_t stride;
} list;

#define LIST(kind, items, n) ((list){(kind), (items), (n), sizeof *(items)})

static const char *name_at(const list *names, int i) {
  return *(const char *const *)((const char *)names->items + (size_t)i * names->stride);
}

static int find(list names, const char *name) {
  for (int i = 0; i < names.n; i++) {
    const char *known = name_at(&names, i);
    if (*known == *name && strcmp(known, name) == 0) return i;
  }
  return -1;
}

static list params(const wn_model *model) { return LIST("parameter", model->param, model->n_param); }
static list states(const wn_model *model) { return LIST("state", model->state, model->n_state); }
static list outputs(const wn_model *model) { return LIST("output", model->output, model->n_output); }
static list routes(const wn_model *model) { return LIST("dose compartment", model->route, model->n_route); }
static list windows(const wn_model *model) { return LIST("window", model->window, model->n_window); }
static list hypotheses(const wn_model *model) { return LIST("hypothesis", model->hypothesis, model->n_hypothesis); }

static list covariates(const wn_model *model) { return LIST("covariate", model->covariate, model->n_covariate); }

int wn_model_find_covariate(const wn_model *model, const char *name) { return find(covariates(model), name); }

int wn_model_route_of_state(const wn_model *model, int state) {
  for (int i = 0; i < model->n_route_all; i++)
    if (strcmp(model->route[i].name, model->state[state].name) == 0) return i;
  assert(!"every state has a route once the model is compiled");
  return -1;
}

bool wn_model_reads_time(const wn_model *model) {
  for (int i = 0; i < model->n_state; i++)
    if (wn_graph_depends(model->graph, model->state[i].derivative) & (1u << WN_OP_TIME)) return true;
  return false;
}

int wn_model_find_param(const wn_model *model, const char *name) { return find(params(model), name); }
int wn_model_find_state(const wn_model *model, const char *name) { return find(states(model), name); }
int wn_model_find_output(const wn_model *model, const char *name) { return find(outputs(model), name); }
int wn_model_find_route(const wn_model *model, const char *name) { return find(routes(model), name); }
int wn_model_find_window(const wn_model *model, const char *name) { return find(windows(model), name); }
int wn_model_find_hypothesis(const wn_model *model, const char *name) { return find(hypotheses(model), name); }

// The names as text "A, B, C", cut after a dozen, for a message.
static void write_names(const list *names, size_t size, char text[]) {
  size_t used = 0;
  text[0] = '\0';
  for (int i = 0; i < names->n; i++) {
    const char *name = i < 12 ? name_at(names, i) : "...", *comma = i ? ", " : "";
    size_t needed = strlen(comma) + strlen(name);
    if (used + needed >= size) return;
    strcat(strcat(text + used, comma), name);
    used += needed;
    if (i == 12) return;
  }
}

static wn_status fail_unknown(const list *names, const char *name, wn_error *err) {
  if (names->n == 0) return wn_fail(err, WN_ERR_USER, "unknown %s '%s': the model has none", names->kind, name);
  const char **all = wn_alloc((size_t)names->n * sizeof *all);
  if (!all) return wn_fail_memory(err);
  for (int i = 0; i < names->n; i++) all[i] = name_at(names, i);
  const char *nearest = wn_nearest(name, all, names->n);
  wn_free(all);
  if (nearest) return wn_fail(err, WN_ERR_USER, "unknown %s '%s'; try %s", names->kind, name, nearest);
  char text[400];
  write_names(names, sizeof text, text);
  return wn_fail(err, WN_ERR_USER, "unknown %s '%s'; the model has %s", names->kind, name, text);
}

static wn_status require(list names, const char *name, int *index, wn_error *err) {
  *index = find(names, name);
  return *index >= 0 ? WN_OK : fail_unknown(&names, name, err);
}

wn_status wn_model_require_param(const wn_model *model, const char *name, int *index, wn_error *err) {
  return require(params(model), name, index, err);
}

wn_status wn_model_require_output(const wn_model *model, const char *name, int *index, wn_error *err) {
  return require(outputs(model), name, index, err);
}

wn_status wn_model_require_route(const wn_model *model, const char *name, int *index, wn_error *err) {
  return require(routes(model), name, index, err);
}

wn_status wn_model_require_window(const wn_model *model, const char *name, int *index, wn_error *err) {
  return require(windows(model), name, index, err);
}

wn_status wn_model_require_hypothesis(const wn_model *model, const char *name, int *index, wn_error *err) {
  return require(hypotheses(model), name, index, err);
}

void wn_model_defaults(const wn_model *model, int hypothesis, double *value) {
  assert(hypothesis >= -1 && hypothesis < model->n_hypothesis);
  for (int i = 0; i < model->n_param; i++) value[i] = model->param[i].value;
  if (hypothesis < 0) return;
  const wn_hypothesis *chosen = &model->hypothesis[hypothesis];
  for (int i = 0; i < chosen->n_set; i++) value[chosen->param[i]] = chosen->value[i];
}

wn_status wn_model_check_value(const wn_model *model, int param, double value, wn_error *err) {
  const wn_parameter *p = &model->param[param];
  if (wn_limits_hold(&p->limits, value)) return WN_OK;
  const char *path = model->path ? model->path : model->name ? model->name : "the model";
  const char *file = strrchr(path, '/');
  char limit[120], words[200];
  wn_limits_words(&p->limits, p->unit, limit, sizeof limit);
  snprintf(words, sizeof words, p->meaning && *p->meaning ? "%s (%.100s)" : "%s", p->name, p->meaning);
  return wn_fail(err, WN_ERR_USER, "%s: expected %s, got %.6g; %.60s:%d says so", words, limit, value,
                 file ? file + 1 : path, p->line);
}

wn_status wn_model_check_values(const wn_model *model, const double *value, wn_error *err) {
  for (int i = 0; i < model->n_param; i++)
    if (!wn_limits_hold(&model->param[i].limits, value[i])) return wn_model_check_value(model, i, value[i], err);
  return WN_OK;
}
