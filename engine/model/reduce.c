// reduce.c - see reduce.h. Invariant: the full model and its graph are only read, so that threads may share them; what
// is left is copied into a graph of its own.

#include "model/reduce.h"

#include "expr/copy.h"
#include "model/lower.h"
#include "model/reductions.h"

#include <assert.h>
#include <string.h>

typedef struct reducing {
  const wn_model *full;
  const wn_run_domain *run;
  wn_reduced *out;
  int n_node;              // of the full graph
  unsigned char *is_zero;  // [n_state] states taken for 0
  unsigned char *used;     // [n_state] scratch
  wn_bounds *state;        // [n_state]
  // of the nodes of the full graph: what values depend on, what the Jacobian needs besides, a state taken for 0 below
  // it
  unsigned char *needed, *needed_all, *reaches;
  wn_bounds *bounds;
} reducing;

static bool is_wanted(const reducing *r, int output) { return !r->run->is_wanted || r->run->is_wanted[output]; }

// derivatives, initial values and the outputs that are wanted
static int list_values(const reducing *r, wn_node *roots) {
  const wn_model *m = r->full;
  int n = 0;
  for (int i = 0; i < m->n_state; i++) roots[n++] = m->state[i].derivative;
  for (int i = 0; i < m->n_state; i++) roots[n++] = m->state[i].initial;
  for (int i = 0; i < m->n_output; i++)
    if (is_wanted(r, i)) roots[n++] = m->output[i].value;
  return n;
}

static wn_status begin(reducing *r, wn_error *err) {
  const wn_model *m = r->full;
  size_t n_node = (size_t)r->n_node, n_state = (size_t)m->n_state;
  r->is_zero = wn_alloc(n_state + 1);
  r->used = wn_alloc(n_state + 1);
  r->state = wn_alloc((n_state + 1) * sizeof *r->state);
  r->needed = wn_alloc(n_node);
  r->needed_all = wn_alloc(n_node);
  r->reaches = wn_alloc(n_node);
  r->bounds = wn_alloc(n_node * sizeof *r->bounds);
  wn_node *roots = wn_alloc((2 * n_state + (size_t)m->n_output + 1) * sizeof *roots);
  bool ok = r->is_zero && r->used && r->state && r->needed && r->needed_all && r->reaches && r->bounds && roots;
  if (ok) {
    wn_graph_needed(m->graph, roots, list_values(r, roots), r->needed, r->n_node);
    for (int i = 0; i < r->n_node; i++) r->needed_all[i] = r->needed[i];
    wn_graph_needed(m->graph, m->entry, m->n_nz, r->needed_all, r->n_node);
  }
  wn_free(roots);
  return ok ? WN_OK : wn_fail_memory(err);
}

static void look(reducing *r, const unsigned char *needed) {
  const wn_model *m = r->full;
  for (int i = 0; i < m->n_state; i++) r->state[i] = r->is_zero[i] ? wn_bounds_point(0) : wn_bounds_any();
  wn_domain domain = {.time = {r->run->t_start, r->run->t_end, true},
                      .param = r->run->param,
                      .state = r->state,
                      .covariate = r->run->covariate,
                      .n_param = m->n_param,
                      .n_state = m->n_state,
                      .n_covariate = m->n_covariate_all};
  wn_graph_bounds(m->graph, needed, r->n_node, &domain, r->bounds);
  wn_graph_reaches(m->graph, needed, r->n_node, r->is_zero, m->n_state, r->reaches);
}

// A factor or dividend that is 0 because of states taken for 0, in a product that is not shown to be: those states
// stay.
static bool give_up(reducing *r, wn_node factor) {
  const wn_model *m = r->full;
  if (!r->reaches[factor] || !wn_bounds_is_zero(r->bounds[factor])) return false;
  bool any = false;
  for (int i = 0; i < m->n_state; i++) r->used[i] = 0;
  wn_graph_leaves(m->graph, factor, WN_OP_STATE, r->used, m->n_state);
  for (int i = 0; i < m->n_state; i++)
    if (r->used[i] && r->is_zero[i]) r->is_zero[i] = 0, any = true;
  return any;
}

static bool drop_doubtful(reducing *r) {
  bool any = false;
  for (wn_node node = 0; node < r->n_node; node++) {
    if (!r->needed[node] || !r->reaches[node] || wn_bounds_is_zero(r->bounds[node])) continue;
    wn_node_info info = wn_graph_info(r->full->graph, node);
    if (info.op != WN_OP_MUL && info.op != WN_OP_DIV) continue;
    if (give_up(r, info.args[0])) any = true;
    if (info.op == WN_OP_MUL && give_up(r, info.args[1])) any = true;
  }
  return any;
}

// The states that stay 0: begin with all that could, leave those whose derivative is not shown to be 0, until none
// goes. Returns how many they are.
static int find_zeros(reducing *r) {
  const wn_model *m = r->full;
  look(r, r->needed);
  for (int i = 0; i < m->n_state; i++)
    r->is_zero[i] = !r->run->is_given[i] && wn_bounds_is_zero(r->bounds[m->state[i].initial]);
  for (bool again = true; again;) {
    look(r, r->needed);
    again = drop_doubtful(r);
    for (int i = 0; i < m->n_state; i++)
      if (r->is_zero[i] && !wn_bounds_is_zero(r->bounds[m->state[i].derivative])) r->is_zero[i] = 0, again = true;
  }
  int n = 0;
  for (int i = 0; i < m->n_state; i++) n += r->is_zero[i];
  if (n == m->n_state && n > 0) r->is_zero[0] = 0, n--;
  return n;
}

// ---- the model that is left

static wn_status number(reducing *r, wn_error *err) {
  const wn_model *m = r->full;
  wn_reduced *out = r->out;
  wn_arena *arena = out->model->arena;
  out->state = wn_arena_alloc(arena, (size_t)(m->n_state + 1) * sizeof(int));
  out->state_at = wn_arena_alloc(arena, (size_t)(m->n_state + 1) * sizeof(int));
  out->output = wn_arena_alloc(arena, (size_t)(m->n_output + 1) * sizeof(int));
  out->output_at = wn_arena_alloc(arena, (size_t)(m->n_output + 1) * sizeof(int));
  if (!out->state || !out->state_at || !out->output || !out->output_at) return wn_fail_memory(err);
  wn_model *left = out->model;
  left->in_full = out->state;
  for (int i = 0; i < m->n_state; i++) {
    out->state_at[i] = r->is_zero[i] ? -1 : left->n_state;
    if (!r->is_zero[i]) out->state[left->n_state++] = i;
  }
  for (int i = 0; i < m->n_output; i++) {
    out->output_at[i] = is_wanted(r, i) ? left->n_output : -1;
    if (is_wanted(r, i)) out->output[left->n_output++] = i;
  }
  return WN_OK;
}

// everything of the declaration that does not speak of states or outputs by number
static void declare(const wn_model *m, wn_model *left) {
  left->name = m->name, left->title = m->title, left->path = m->path, left->caption = m->caption;
  left->n_param = m->n_param, left->param = m->param;
  left->n_covariate = m->n_covariate, left->covariate = m->covariate, left->n_covariate_all = m->n_covariate_all;
  left->n_random = m->n_random, left->random = m->random;
  left->n_hypothesis = m->n_hypothesis, left->hypothesis = m->hypothesis;
}

// the nodes that are left, in the order: derivatives, initial values, outputs, entries of the Jacobian
static int list_left(const reducing *r, wn_node *nodes) {
  const wn_model *m = r->full, *left = r->out->model;
  int n = 0;
  for (int i = 0; i < left->n_state; i++) nodes[n++] = m->state[r->out->state[i]].derivative;
  for (int i = 0; i < left->n_state; i++) nodes[n++] = m->state[r->out->state[i]].initial;
  for (int i = 0; i < left->n_output; i++) nodes[n++] = m->output[r->out->output[i]].value;
  for (int k = 0; k < m->n_nz; k++)
    if (!r->is_zero[m->row[k]] && !r->is_zero[m->col[k]]) nodes[n++] = m->entry[k];
  return n;
}

static void take_entries(const reducing *r, const wn_node *nodes) {
  const wn_model *m = r->full;
  wn_model *left = r->out->model;
  for (int k = 0; k < m->n_nz; k++) {
    if (r->is_zero[m->row[k]] || r->is_zero[m->col[k]]) continue;
    wn_node entry = *nodes++;
    wn_node_info info = wn_graph_info(left->graph, entry);
    if (info.op == WN_OP_CONST && info.value == 0) continue;
    left->row[left->n_nz] = r->out->state_at[m->row[k]];
    left->col[left->n_nz] = r->out->state_at[m->col[k]];
    left->entry[left->n_nz++] = entry;
  }
}

static wn_status take_nodes(reducing *r, const wn_node *nodes, wn_error *err) {
  const wn_model *m = r->full;
  wn_model *left = r->out->model;
  size_t n_nz = (size_t)m->n_nz + 1;
  left->state = wn_arena_alloc(left->arena, (size_t)left->n_state * sizeof *left->state);
  left->output = wn_arena_alloc(left->arena, (size_t)left->n_output * sizeof *left->output);
  left->row = wn_arena_alloc(left->arena, n_nz * sizeof *left->row);
  left->col = wn_arena_alloc(left->arena, n_nz * sizeof *left->col);
  left->entry = wn_arena_alloc(left->arena, n_nz * sizeof *left->entry);
  if (!left->state || !left->output || !left->row || !left->col || !left->entry) return wn_fail_memory(err);
  for (int i = 0; i < left->n_state; i++) {
    left->state[i] = m->state[r->out->state[i]];
    left->state[i].derivative = nodes[i];
    left->state[i].initial = nodes[left->n_state + i];
  }
  nodes += 2 * left->n_state;
  for (int i = 0; i < left->n_output; i++) {
    left->output[i] = m->output[r->out->output[i]];
    left->output[i].value = nodes[i];
  }
  take_entries(r, nodes + left->n_output);
  return WN_OK;
}

// mark the nodes that are 0 because of the states that are
static void mark_zeros(reducing *r) {
  look(r, r->needed_all);
  for (int i = 0; i < r->n_node; i++)
    r->reaches[i] = r->needed_all[i] && r->reaches[i] && wn_bounds_is_zero(r->bounds[i]);
}

static wn_status copy(reducing *r, wn_error *err) {
  const wn_model *m = r->full;
  wn_node *nodes = wn_alloc((size_t)(2 * m->n_state + m->n_output + m->n_nz + 1) * sizeof *nodes);
  if (!nodes) return wn_fail_memory(err);
  int n = list_left(r, nodes);
  wn_status status = wn_graph_copy(m->graph, r->reaches, r->out->state_at, r->out->model->graph, nodes, n)
                         ? take_nodes(r, nodes, err)
                         : wn_fail_memory(err);
  wn_free(nodes);
  return status;
}

// all that the reduced model depends on: states and nodes that are 0, outputs that are wanted
static void write_key(const reducing *r, unsigned char *key) {
  const wn_model *m = r->full;
  memcpy(key, r->is_zero, (size_t)m->n_state);
  memcpy(key + m->n_state, r->reaches, (size_t)r->n_node);
  for (int i = 0; i < m->n_output; i++) key[m->n_state + r->n_node + i] = is_wanted(r, i);
}

static wn_status build(reducing *r, const unsigned char *key, size_t n_key, wn_error *err) {
  r->out = wn_alloc(sizeof *r->out);
  if (!r->out) return wn_fail_memory(err);
  r->out->model = wn_model_create();
  if (!r->out->model) return wn_fail_memory(err);
  r->out->key = wn_arena_alloc(r->out->model->arena, n_key);
  if (!r->out->key) return wn_fail_memory(err);
  memcpy(r->out->key, key, n_key);
  r->out->n_key = n_key;
  declare(r->full, r->out->model);
  WN_TRY(number(r, err));
  WN_TRY(copy(r, err));
  return wn_model_lower(r->out->model, err);
}

// the one kept from a run like this, or a new one
static wn_status find_or_build(reducing *r, wn_error *err) {
  mark_zeros(r);
  size_t n = (size_t)(r->full->n_state + r->full->n_output + r->n_node);
  unsigned char *key = wn_alloc(n);
  if (!key) return wn_fail_memory(err);
  write_key(r, key);
  r->out = wn_reductions_find(r->full->reductions, key, n);
  wn_status status = r->out ? WN_OK : build(r, key, n, err);
  if (!status && !r->out->is_kept) r->out = wn_reductions_keep(r->full->reductions, r->out);
  wn_free(key);
  return status;
}

wn_status wn_model_reduce(const wn_model *full, const wn_run_domain *run, wn_reduced **reduced, wn_error *err) {
  *reduced = NULL;
  reducing r = {.full = full, .run = run, .n_node = wn_graph_size(full->graph)};
  wn_status status = begin(&r, err);
  if (!status) {
    bool useful = find_zeros(&r) > 0;
    for (int i = 0; i < full->n_output; i++) useful = useful || !is_wanted(&r, i);
    if (useful) status = find_or_build(&r, err);
  }
  wn_free(r.is_zero);
  wn_free(r.used);
  wn_free(r.state);
  wn_free(r.needed);
  wn_free(r.needed_all);
  wn_free(r.reaches);
  wn_free(r.bounds);
  if (status)
    wn_reduced_destroy(r.out);
  else
    *reduced = r.out;
  return status;
}

void wn_reduced_destroy(wn_reduced *reduced) {
  if (!reduced || reduced->is_kept) return;
  wn_model_destroy(reduced->model);
  wn_free(reduced);
}
