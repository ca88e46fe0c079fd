// compile.c - from a declaration to what lower.c makes programs of: defaults filled in, the Jacobian with its pattern.
// Invariant: the pattern is row-major and holds no entry that is zero for every state, parameter and time.

#include "model/check.h"
#include "model/lower.h"
#include "model/model.h"
#include "model/reductions.h"

#include <assert.h>

// What the header leaves open: a state starts at 0, F is 1, lag is 0, no rate or duration is modelled.
static wn_status fill_defaults(wn_model *model, wn_error *err) {
  wn_node zero = wn_graph_const(model->graph, 0), one = wn_graph_const(model->graph, 1);
  if (zero == WN_NO_NODE || one == WN_NO_NODE) return wn_fail_memory(err);
  for (int i = 0; i < model->n_state; i++)
    if (model->state[i].initial == WN_NO_NODE) model->state[i].initial = zero;
  for (int i = 0; i < model->n_route; i++) {
    wn_route *route = &model->route[i];
    if (route->F == WN_NO_NODE) route->F = one;
    if (route->lag == WN_NO_NODE) route->lag = zero;
    if (!route->has_rate) route->rate = zero;
    if (!route->has_duration) route->duration = zero;
  }
  return WN_OK;
}

typedef WN_ARRAY(wn_node) node_list;

// A record may dose any compartment by its number: states that no declared route is named after get a plain one.
static wn_status add_plain_routes(wn_model *model, wn_error *err) {
  size_t room = (size_t)(model->n_route + model->n_state);
  wn_route *all = wn_arena_alloc(model->arena, room * sizeof *all);
  if (!all) return wn_fail_memory(err);
  for (int i = 0; i < model->n_route; i++) all[i] = model->route[i];
  model->n_route_all = model->n_route;
  wn_node zero = wn_graph_const(model->graph, 0), one = wn_graph_const(model->graph, 1);
  if (zero == WN_NO_NODE || one == WN_NO_NODE) return wn_fail_memory(err);
  for (int i = 0; i < model->n_state; i++) {
    const wn_state *state = &model->state[i];
    if (wn_model_find_route(model, state->name) >= 0) continue;
    all[model->n_route_all++] = (wn_route){.name = state->name,
                                           .unit = state->unit,
                                           .meaning = state->meaning,
                                           .n_target = 1,
                                           .target = {i},
                                           .scale = {one},
                                           .F = one,
                                           .lag = zero,
                                           .rate = zero,
                                           .duration = zero};
  }
  model->route = all;
  return WN_OK;
}

// The Jacobian while it grows.
typedef struct entries {
  node_list nodes;
  WN_ARRAY(int) row, col;
} entries;

// One row: derivatives by the states it reads, without those that vanish.
static bool derive_row(const wn_model *model, int row, const unsigned char *used, entries *out) {
  for (int col = 0; col < model->n_state; col++) {
    if (!used[col]) continue;
    wn_node leaf = wn_graph_leaf(model->graph, WN_OP_STATE, col);
    wn_node entry = wn_graph_diff(model->graph, model->state[row].derivative, leaf);
    if (entry == WN_NO_NODE) return false;
    wn_node_info info = wn_graph_info(model->graph, entry);
    if (info.op == WN_OP_CONST && info.value == 0) continue;
    if (!WN_PUSH(&out->nodes, entry) || !WN_PUSH(&out->row, row) || !WN_PUSH(&out->col, col)) return false;
  }
  return true;
}

static bool derive(const wn_model *model, entries *out) {
  size_t n = (size_t)model->n_state;
  unsigned char *used = wn_alloc(n * n);
  bool ok = used != NULL;
  for (int row = 0; ok && row < model->n_state; row++) {
    unsigned char *mine = used + (size_t)row * n;
    wn_graph_leaves(model->graph, model->state[row].derivative, WN_OP_STATE, mine, model->n_state);
    ok = derive_row(model, row, mine, out);
  }
  wn_free(used);
  return ok;
}

static bool keep_pattern(wn_model *model, const entries *found) {
  model->n_nz = found->row.n;
  size_t size = (size_t)model->n_nz * sizeof(int);
  model->row = wn_arena_alloc(model->arena, size);
  model->col = wn_arena_alloc(model->arena, size);
  model->entry = wn_arena_alloc(model->arena, (size_t)model->n_nz * sizeof *model->entry);
  if (!model->row || !model->col || !model->entry) return false;
  for (int k = 0; k < model->n_nz; k++) {
    model->row[k] = found->row.data[k];
    model->col[k] = found->col.data[k];
    model->entry[k] = found->nodes.data[k];
  }
  return true;
}

static wn_status make_jacobian(wn_model *model, wn_error *err) {
  entries found = {0};
  bool ok = derive(model, &found) && keep_pattern(model, &found);
  WN_ARRAY_FREE(&found.row);
  WN_ARRAY_FREE(&found.col);
  WN_ARRAY_FREE(&found.nodes);
  return ok ? WN_OK : wn_fail_memory(err);
}

// A covariate that runs linearly becomes value + slope (t - start) in equations, outputs and initial values. Doses keep
// its value at their record.
static bool spell_out_linear(wn_model *model, node_list *nodes) {
  wn_graph *g = model->graph;
  model->n_covariate_all = model->n_covariate;
  for (int k = 0; k < model->n_covariate; k++) {
    if (model->covariate[k].interpolation != WN_COVARIATE_LINEAR) continue;
    wn_node value = wn_graph_leaf(g, WN_OP_COVARIATE, k);
    wn_node slope = wn_graph_leaf(g, WN_OP_COVARIATE, model->n_covariate_all++);
    wn_node start = wn_graph_leaf(g, WN_OP_COVARIATE, model->n_covariate_all++);
    wn_node since = wn_graph_apply(g, WN_OP_SUB, wn_graph_leaf(g, WN_OP_TIME, 0), start, WN_NO_NODE);
    wn_node now =
        wn_graph_apply(g, WN_OP_ADD, value, wn_graph_apply(g, WN_OP_MUL, slope, since, WN_NO_NODE), WN_NO_NODE);
    if (now == WN_NO_NODE || !wn_graph_substitute(g, nodes->data, nodes->n, &value, &now, 1)) return false;
  }
  return true;
}

static wn_status interpolate(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_state; i++)
    ok = WN_PUSH(&nodes, model->state[i].derivative) && WN_PUSH(&nodes, model->state[i].initial);
  for (int i = 0; ok && i < model->n_output; i++) ok = WN_PUSH(&nodes, model->output[i].value);
  ok = ok && spell_out_linear(model, &nodes);
  for (int i = 0; ok && i < model->n_state; i++)
    model->state[i].derivative = nodes.data[2 * i], model->state[i].initial = nodes.data[2 * i + 1];
  for (int i = 0; ok && i < model->n_output; i++) model->output[i].value = nodes.data[2 * model->n_state + i];
  WN_ARRAY_FREE(&nodes);
  return ok ? WN_OK : wn_fail_memory(err);
}

wn_status wn_model_compile(wn_model *model, wn_error *err) {
  assert(!model->rhs);
  WN_TRY(wn_model_check(model, err));
  WN_TRY(fill_defaults(model, err));
  WN_TRY(interpolate(model, err));
  WN_TRY(add_plain_routes(model, err));
  WN_TRY(make_jacobian(model, err));
  WN_TRY(wn_model_lower(model, err));
  model->reductions = wn_reductions_create();
  if (!model->reductions) return wn_fail_memory(err);
  return wn_model_lower_routes(model, err);
}
