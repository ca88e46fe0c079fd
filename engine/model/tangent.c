// tangent.c - derivatives of a model's expressions by parameters, lowered to programs. Invariant: an entry that is zero
// for every state, parameter and time is left out. Must not know what the derivatives are for.

#include "model/tangent.h"

#include <string.h>

// Nodes to be derived, and by which leaves.
typedef struct plan {
  const wn_model *model;
  const wn_motion *motion;
  bool by_state, by_input, by_time;
  WN_ARRAY(wn_node) nodes;
  WN_ARRAY(int) value, index;
  WN_ARRAY(wn_op) by;
} plan;

static wn_node make(const plan *p, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(p->model->graph, op, a, b, WN_NO_NODE);
}

// the input of a state as a leaf
static wn_node input_of(const wn_model *model, int state) {
  return wn_graph_leaf(model->graph, WN_OP_COVARIATE, model->n_covariate_all + state);
}

static bool add_entry(plan *p, int value, wn_op by, int leaf, int index) {
  wn_graph *graph = p->model->graph;
  wn_node entry = wn_graph_diff(graph, p->nodes.data[value], wn_graph_leaf(graph, by, leaf));
  if (entry == WN_NO_NODE) return false;
  wn_node_info info = wn_graph_info(graph, entry);
  if (info.op == WN_OP_CONST && info.value == 0) return true;
  return WN_PUSH(&p->nodes, entry) && WN_PUSH(&p->value, value) && WN_PUSH(&p->by, by) && WN_PUSH(&p->index, index);
}

static bool derive_value(plan *p, int value, unsigned char *used) {
  const wn_model *m = p->model;
  wn_node node = p->nodes.data[value];
  memset(used, 0, (size_t)m->n_param);
  wn_graph_leaves(m->graph, node, WN_OP_PARAM, used, m->n_param);
  for (int k = 0; k < p->motion->n_param; k++)
    if (used[p->motion->param[k]] && !add_entry(p, value, WN_OP_PARAM, p->motion->param[k], k)) return false;
  memset(used, 0, (size_t)m->n_state);
  wn_graph_leaves(m->graph, node, WN_OP_STATE, used, m->n_state);
  for (int i = 0; p->by_state && i < m->n_state; i++)
    if (used[i] && !add_entry(p, value, WN_OP_STATE, i, i)) return false;
  for (int i = 0; p->by_input && i < m->n_state; i++)
    if (!add_entry(p, value, WN_OP_COVARIATE, m->n_covariate_all + i, i)) return false;
  return !p->by_time || add_entry(p, value, WN_OP_TIME, 0, 0);
}

static bool keep_entries(const plan *p, wn_tangent *tangent) {
  tangent->n_entry = p->value.n;
  size_t n = (size_t)p->value.n + 1;
  tangent->value = wn_alloc(n * sizeof(int));
  tangent->index = wn_alloc(n * sizeof(int));
  tangent->by = wn_alloc(n * sizeof(wn_op));
  if (!tangent->value || !tangent->index || !tangent->by) return false;
  for (int i = 0; i < p->value.n; i++) {
    tangent->value[i] = p->value.data[i];
    tangent->index[i] = p->index.data[i];
    tangent->by[i] = p->by.data[i];
  }
  return true;
}

// derive what stands in plan->nodes and forget the plan
static wn_status finish(plan *p, bool is_complete, wn_tangent *tangent, wn_error *err) {
  int n = p->nodes.n, most = p->model->n_param > p->model->n_state ? p->model->n_param : p->model->n_state;
  unsigned char *used = wn_alloc((size_t)most + 1);
  bool ok = is_complete && used;
  for (int value = 0; ok && value < n; value++) ok = derive_value(p, value, used);
  tangent->n_value = n;
  ok = ok && keep_entries(p, tangent);
  wn_status status = ok ? WN_OK : wn_fail_memory(err);
  if (ok) {
    tangent->program = wn_program_create(p->model->graph, p->nodes.data, p->nodes.n, err);
    if (!tangent->program) status = err ? err->status : WN_ERR_MEMORY;
  }
  wn_free(used);
  WN_ARRAY_FREE(&p->nodes);
  WN_ARRAY_FREE(&p->value);
  WN_ARRAY_FREE(&p->by);
  WN_ARRAY_FREE(&p->index);
  return status;
}

static wn_status derive_states(const wn_model *model, wn_motion *motion, wn_error *err) {
  plan rhs = {.model = model, .motion = motion}, initial = rhs;
  bool ok = true;
  for (int i = 0; ok && i < model->n_state; i++) ok = WN_PUSH(&rhs.nodes, model->state[i].derivative);
  wn_status status = finish(&rhs, ok, &motion->rhs, err);
  for (int i = 0; ok && i < model->n_state; i++) ok = WN_PUSH(&initial.nodes, model->state[i].initial);
  wn_status second = finish(&initial, ok, &motion->initial, err);
  return status ? status : second;
}

static wn_status derive_routes(const wn_model *model, wn_motion *motion, wn_error *err) {
  plan p = {.model = model, .motion = motion};
  bool ok = true;
  for (int i = 0; ok && i < model->n_route_all; i++) {
    const wn_route *route = &model->route[i];
    ok = WN_PUSH(&p.nodes, route->F) && WN_PUSH(&p.nodes, route->lag) && WN_PUSH(&p.nodes, route->rate) &&
         WN_PUSH(&p.nodes, route->duration);
    for (int k = 0; ok && k < route->n_target; k++) ok = WN_PUSH(&p.nodes, route->scale[k]);
  }
  return finish(&p, ok, &motion->routes, err);
}

// along a solution: dg/dt + sum of dg/dy (f + input)
static wn_node speed_of(const plan *p, wn_node value) {
  const wn_model *m = p->model;
  wn_node sum = wn_graph_diff(m->graph, value, wn_graph_leaf(m->graph, WN_OP_TIME, 0));
  for (int i = 0; i < m->n_state && sum != WN_NO_NODE; i++) {
    wn_node by_state = wn_graph_diff(m->graph, value, wn_graph_leaf(m->graph, WN_OP_STATE, i));
    wn_node slope = make(p, WN_OP_ADD, m->state[i].derivative, input_of(m, i));
    sum = make(p, WN_OP_ADD, sum, make(p, WN_OP_MUL, by_state, slope));
  }
  return sum;
}

static wn_status derive_outputs(const wn_model *model, wn_motion *motion, wn_error *err) {
  plan outputs = {.model = model, .motion = motion, .by_state = true}, speed = outputs;
  speed.by_input = speed.by_time = true;
  bool ok = true;
  for (int k = 0; ok && k < motion->n_output; k++) {
    wn_node value = model->output[motion->output[k]].value, moving = speed_of(&speed, value);
    ok = moving != WN_NO_NODE && WN_PUSH(&outputs.nodes, value) && WN_PUSH(&speed.nodes, moving);
  }
  wn_status status = finish(&outputs, ok, &motion->outputs, err);
  wn_status second = finish(&speed, ok, &motion->speed, err);
  return status ? status : second;
}

static int *copy_list(const int *list, int n) {
  int *copy = wn_alloc(((size_t)n + 1) * sizeof *copy);
  for (int i = 0; copy && i < n; i++) copy[i] = list[i];
  return copy;
}

wn_status wn_motion_create(const wn_model *model, const int *param, int n_param, const int *output, int n_output,
                           wn_motion **motion, wn_error *err) {
  *motion = NULL;
  wn_motion *m = wn_alloc(sizeof *m);
  if (!m) return wn_fail_memory(err);
  m->n_param = n_param, m->n_output = n_output;
  m->param = copy_list(param, n_param);
  m->output = copy_list(output, n_output);
  wn_status status = m->param && m->output ? WN_OK : wn_fail_memory(err);
  if (!status) status = derive_states(model, m, err);
  if (!status) status = derive_routes(model, m, err);
  if (!status) status = derive_outputs(model, m, err);
  if (status) {
    wn_motion_destroy(m);
    return status;
  }
  *motion = m;
  return WN_OK;
}

static void tangent_free(wn_tangent *tangent) {
  wn_program_destroy(tangent->program);
  wn_free(tangent->value);
  wn_free(tangent->by);
  wn_free(tangent->index);
}

void wn_motion_destroy(wn_motion *motion) {
  if (!motion) return;
  tangent_free(&motion->rhs);
  tangent_free(&motion->initial);
  tangent_free(&motion->routes);
  tangent_free(&motion->outputs);
  tangent_free(&motion->speed);
  wn_free(motion->param);
  wn_free(motion->output);
  wn_free(motion);
}
