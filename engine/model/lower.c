// lower.c - see lower.h. Invariant: the nodes are those of the model's own graph, which only grows by derivatives with
// respect to time.

#include "model/lower.h"

#include "expr/series.h"
#include "model/linear.h"

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

// how derivatives change with the time alone
static wn_status lower_drift(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  if (!wn_model_reads_time(model)) return WN_OK;
  wn_node time = wn_graph_leaf(model->graph, WN_OP_TIME, 0);
  bool ok = time != WN_NO_NODE;
  for (int i = 0; ok && i < model->n_state; i++) {
    wn_node slope = wn_graph_diff(model->graph, model->state[i].derivative, time);
    ok = slope != WN_NO_NODE && WN_PUSH(&nodes, slope);
  }
  return lower(model, &nodes, ok, &model->drift, err);
}

static wn_status lower_jacobian(wn_model *model, wn_error *err) {
  model->jacobian = wn_program_create(model->graph, model->entry, model->n_nz, err);
  if (!model->jacobian) return err ? err->status : WN_ERR_MEMORY;
  model->lu = wn_lu_create(model->n_state, model->n_nz, model->row, model->col, err);
  return model->lu ? WN_OK : err ? err->status : WN_ERR_MEMORY;
}

static wn_status lower_series(wn_model *model, wn_error *err) {
  node_list nodes = {0};
  bool ok = true;
  for (int i = 0; ok && i < model->n_state; i++) ok = WN_PUSH(&nodes, model->state[i].derivative);
  wn_status status = WN_OK;
  if (ok) status = wn_series_create(model->graph, nodes.data, model->n_state, &model->series, err);
  WN_ARRAY_FREE(&nodes);
  return ok ? status : wn_fail_memory(err);
}

static wn_status hold_native(wn_model *model, wn_error *err) {
  wn_program *program[] = {model->rhs, model->jacobian, model->outputs, model->drift};
  model->native = wn_native_create(program, model->drift ? 4 : 3, model->lu);
  if (model->series) model->series_native = wn_native_create(&model->series, 1, NULL);
  return model->native && (!model->series || model->series_native) ? WN_OK : wn_fail_memory(err);
}

wn_status wn_model_lower_routes(wn_model *model, wn_error *err) {
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

wn_status wn_model_lower(wn_model *model, wn_error *err) {
  if (!wn_linear_find(model)) return wn_fail_memory(err);
  WN_TRY(lower_rhs(model, err));
  WN_TRY(lower_initial(model, err));
  WN_TRY(lower_outputs(model, err));
  WN_TRY(lower_drift(model, err));
  WN_TRY(lower_jacobian(model, err));
  WN_TRY(lower_series(model, err));
  return hold_native(model, err);
}
