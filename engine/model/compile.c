// compile.c - from a declaration to what runs: the programs, the Jacobian with its pattern, the layout of its LU.
// Invariant: the pattern is row-major and holds no entry that is zero for every state, parameter and time.

#include "model/check.h"
#include "model/linear.h"
#include "model/model.h"

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

// Lower a list of nodes and forget it.
static wn_status lower(const wn_model *model, node_list *nodes, bool is_complete, wn_program **program, wn_error *err) {
  if (!is_complete)
    wn_fail_memory(err);
  else
    *program = wn_program_create(model->graph, nodes->data, nodes->n, err);
  WN_ARRAY_FREE(nodes);
  return *program ? WN_OK : err ? err->status : WN_ERR_MEMORY;
}

static wn_status lower_rhs(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_state; i++) ok = WN_PUSH(&nodes, model->state[i].derivative);
  return lower(model, &nodes, ok, &model->rhs, err);
}

static wn_status lower_initial(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_state; i++) ok = WN_PUSH(&nodes, model->state[i].initial);
  return lower(model, &nodes, ok, &model->initial, err);
}

static wn_status lower_outputs(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_output; i++) ok = WN_PUSH(&nodes, model->output[i].value);
  return lower(model, &nodes, ok, &model->outputs, err);
}

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

static wn_status lower_routes(wn_model *model, wn_error *err) {
  model->route_at = wn_arena_alloc(model->arena, (size_t)model->n_route_all * sizeof *model->route_at);
  if (!model->route_at) return wn_fail_memory(err);
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_route_all; i++) {
    const wn_route *route = &model->route[i];
    model->route_at[i] = nodes.n;
    ok = WN_PUSH(&nodes, route->F) && WN_PUSH(&nodes, route->lag) && WN_PUSH(&nodes, route->rate) &&
         WN_PUSH(&nodes, route->duration);
    for (int k = 0; ok && k < route->n_target; k++) ok = WN_PUSH(&nodes, route->scale[k]);
  }
  return lower(model, &nodes, ok, &model->routes, err);
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
  if (!model->row || !model->col) return false;
  for (int k = 0; k < model->n_nz; k++) {
    model->row[k] = found->row.data[k];
    model->col[k] = found->col.data[k];
  }
  return true;
}

static wn_status lower_jacobian(wn_model *model, wn_error *err) {
  entries found = {0};
  bool ok = derive(model, &found) && keep_pattern(model, &found);
  WN_ARRAY_FREE(&found.row);
  WN_ARRAY_FREE(&found.col);
  WN_TRY(lower(model, &found.nodes, ok, &model->jacobian, err));
  model->lu = wn_lu_create(model->n_state, model->n_nz, model->row, model->col, err);
  return model->lu ? WN_OK : err ? err->status : WN_ERR_MEMORY;
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
  if (!wn_linear_find(model)) return wn_fail_memory(err);
  WN_TRY(add_plain_routes(model, err));
  WN_TRY(lower_rhs(model, err));
  WN_TRY(lower_initial(model, err));
  WN_TRY(lower_outputs(model, err));
  WN_TRY(lower_routes(model, err));
  return lower_jacobian(model, err);
}
