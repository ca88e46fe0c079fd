// series.c - see series.h. Coefficients are nodes of a graph of their own, which simplifies what is 0 or 1 away and
// shares what is the same. Invariant: the coefficient of order 0 of a value is the value's own node. Knows no lanes,
// no step.
//
// With u' the derivative, from which each rule follows by comparing powers: (u v)_k = sum u_j v_(k-j);
// w = u / v: u = w v; w = e^u: w' = w u'; w = log u: u w' = u'; w = u^a: u w' = a w u'; w = sqrt u: w w = u;
// s = sin u, c = cos u: s' = c u', c' = -s u'; w = tanh u: w' = (1 - w^2) u'; w = atan u: (1 + u^2) w' = u'.

#include "expr/series.h"
#include "base/memory.h"
#include "expr/copy.h"

#include <string.h>

enum { ORDER = WN_SERIES_ORDER, MAX_INSTRUCTION = 12000, MAX_VALUE = 1500 };

// the series of one value, and of what goes along with it: the cosine of a sine, 1 - w^2 of a tanh
typedef struct value {
  wn_node node;
  wn_node own[ORDER + 1], beside[ORDER + 1];
} value;

typedef struct expansion {
  wn_graph *graph;
  int n_state;
  wn_node zero, one;
  int *place;  // [nodes] 1 + number of a value; 0 not in use
  WN_ARRAY(value) values;
} expansion;

// ---- nodes ----

static wn_node number(const expansion *x, double n) { return wn_graph_const(x->graph, n); }

static wn_node apply(const expansion *x, wn_op op, wn_node a, wn_node b) {
  return wn_graph_apply(x->graph, op, a, b, WN_NO_NODE);
}

static wn_node times(const expansion *x, wn_node a, wn_node b) { return apply(x, WN_OP_MUL, a, b); }

static wn_node over(const expansion *x, wn_node a, wn_node b) { return apply(x, WN_OP_DIV, a, b); }

static wn_node add(const expansion *x, wn_node a, wn_node b) { return apply(x, WN_OP_ADD, a, b); }
static wn_node subtract(const expansion *x, wn_node a, wn_node b) { return apply(x, WN_OP_SUB, a, b); }

// sum + a_j b_(k-j), or j a_j for a_j; a term that is 0 is none
static wn_node add_term(const expansion *x, wn_node sum, const wn_node *a, const wn_node *b, int k, int j,
                        bool is_weighted) {
  if (a[j] == x->zero || b[k - j] == x->zero) return sum;
  return add(x, sum, times(x, is_weighted ? times(x, number(x, j), a[j]) : a[j], b[k - j]));
}

// The sum of a_j b_(k-j) over j = from .. to, from <= 1. What was known first comes first: a sum waits for each of its
// terms, and the newest coefficients are those that everything else waits for.
static wn_node convolve(const expansion *x, const wn_node *a, const wn_node *b, int k, int from, int to,
                        bool is_weighted) {
  wn_node sum = x->zero;
  for (int j = k / 2; j >= from; j--) {
    // from the middle outwards
    if (j <= to && j > 0) sum = add_term(x, sum, a, b, k, j, is_weighted);
    if (k - j != j && k - j <= to && k - j < k) sum = add_term(x, sum, a, b, k, k - j, is_weighted);
  }
  if (from == 0) sum = add_term(x, sum, a, b, k, 0, is_weighted);
  if (to == k && k > 0) sum = add_term(x, sum, a, b, k, k, is_weighted);
  return sum;
}

// ---- rules: coefficient k, at least 1, of w from those of its arguments and its own before ----

static wn_node exponential(const expansion *x, const wn_node *u, const wn_node *w, int k) {
  return times(x, number(x, 1.0 / k), convolve(x, u, w, k, 1, k, true));
}

static wn_node quotient(const expansion *x, wn_node u, const wn_node *v, const wn_node *w, int k) {
  return times(x, subtract(x, u, convolve(x, v, w, k, 1, k, false)), over(x, x->one, v[0]));
}

// w' v = u'
static wn_node integral(const expansion *x, const wn_node *u, const wn_node *v, const wn_node *w, int k) {
  wn_node sum = times(x, number(x, 1.0 / k), convolve(x, w, v, k, 1, k - 1, true));
  return times(x, subtract(x, u[k], sum), over(x, x->one, v[0]));
}

static wn_node root(const expansion *x, const wn_node *u, const wn_node *w, int k) {
  wn_node rest = subtract(x, u[k], convolve(x, w, w, k, 1, k - 1, false));
  return times(x, rest, over(x, number(x, 0.5), w[0]));
}

// u w' = a w u': k u_0 w_k = sum (a j - (k - j)) u_j w_(k-j), j = 1 .. k, of which the last is k a u_k w_0
static wn_node power(const expansion *x, const wn_node *u, wn_node a, const wn_node *w, int k) {
  wn_node more = over(x, add(x, a, x->one), number(x, k)), per_u = over(x, x->one, u[0]);
  wn_node by_place = times(x, more, convolve(x, u, w, k, 1, k - 1, true));
  wn_node sum = times(x, subtract(x, by_place, convolve(x, u, w, k, 1, k - 1, false)), per_u);
  return add(x, sum, times(x, u[k], times(x, times(x, a, w[0]), per_u)));
}

static wn_node turned(const expansion *x, const wn_node *u, const wn_node *other, int k, double sign) {
  return times(x, number(x, sign / k), convolve(x, u, other, k, 1, k, true));
}

static void expand_angle(const expansion *x, value *w, const wn_node *u, wn_op op, int k) {
  double sign = op == WN_OP_SIN ? 1 : -1;
  if (k == 0) {
    wn_node angle = wn_graph_info(x->graph, w->node).args[0];
    w->beside[0] = apply(x, op == WN_OP_SIN ? WN_OP_COS : WN_OP_SIN, angle, WN_NO_NODE);
    return;
  }
  w->own[k] = turned(x, u, w->beside, k, sign);
  w->beside[k] = turned(x, u, w->own, k, -sign);
}

// 1 - w^2
static void expand_tanh(const expansion *x, value *w, const wn_node *u, int k) {
  if (k > 0) w->own[k] = turned(x, u, w->beside, k, 1);
  w->beside[k] = subtract(x, k ? x->zero : x->one, convolve(x, w->own, w->own, k, 0, k, false));
}

// 1 + u^2
static void expand_atan(const expansion *x, value *w, const wn_node *u, int k) {
  w->beside[k] = add(x, k ? x->zero : x->one, convolve(x, u, u, k, 0, k, false));
  if (k > 0) w->own[k] = integral(x, u, w->beside, w->own, k);
}

static void expand_leaf(const expansion *x, value *w, const wn_node_info *info, int k) {
  // those of states are set with the derivatives
  if (info->op != WN_OP_STATE) w->own[k] = info->op == WN_OP_TIME && k == 1 ? x->one : x->zero;
}

static const wn_node *series_of(const expansion *x, wn_node node) {
  return node == WN_NO_NODE ? NULL : x->values.data[x->place[node] - 1].own;
}

static void expand(const expansion *x, value *w, int k) {
  const wn_node_info info = wn_graph_info(x->graph, w->node);
  const wn_node *u = series_of(x, info.args[0]), *v = series_of(x, info.args[1]);
  if (!u) {
    if (k > 0) expand_leaf(x, w, &info, k);
    return;
  }
  const bool has_beside =
      info.op == WN_OP_SIN || info.op == WN_OP_COS || info.op == WN_OP_TANH || info.op == WN_OP_ATAN;
  if (k == 0 && !has_beside) return;
  switch (info.op) {
  case WN_OP_ADD:
  case WN_OP_SUB: w->own[k] = apply(x, info.op, u[k], v[k]); break;
  case WN_OP_NEG: w->own[k] = apply(x, WN_OP_NEG, u[k], WN_NO_NODE); break;
  case WN_OP_MUL: w->own[k] = convolve(x, u, v, k, 0, k, false); break;
  case WN_OP_DIV: w->own[k] = quotient(x, u[k], v, w->own, k); break;
  case WN_OP_EXP: w->own[k] = exponential(x, u, w->own, k); break;
  case WN_OP_LOG: w->own[k] = integral(x, u, u, w->own, k); break;
  case WN_OP_SQRT: w->own[k] = root(x, u, w->own, k); break;
  case WN_OP_POW: w->own[k] = power(x, u, v[0], w->own, k); break;
  case WN_OP_SIN:
  case WN_OP_COS: expand_angle(x, w, u, info.op, k); break;
  case WN_OP_TANH: expand_tanh(x, w, u, k); break;
  default: expand_atan(x, w, u, k); break;
  }
}

// ---- all of them ----

static bool moves(const expansion *x, wn_node node) {
  return wn_graph_depends(x->graph, node) & (1u << WN_OP_STATE | 1u << WN_OP_TIME);
}

static bool is_smooth(const expansion *x, wn_node node) {
  const wn_node_info info = wn_graph_info(x->graph, node);
  switch (info.op) {
  case WN_OP_ADD:
  case WN_OP_SUB:
  case WN_OP_NEG:
  case WN_OP_MUL:
  case WN_OP_DIV:
  case WN_OP_EXP:
  case WN_OP_LOG:
  case WN_OP_SQRT:
  case WN_OP_SIN:
  case WN_OP_COS:
  case WN_OP_TANH:
  case WN_OP_ATAN: return true;
  case WN_OP_POW: return !moves(x, info.args[1]);
  default: return wn_op_arity(info.op) == 0;
  }
}

// Values in use, arguments before who reads them; what does not move stays whole. 1: good, 0: not smooth, -1: memory.
static int gather(expansion *x, const wn_node *derivative) {
  const int n = wn_graph_size(x->graph);
  unsigned char *used = wn_alloc((size_t)n);
  int found = used ? 1 : -1;
  for (int i = 0; found > 0 && i < x->n_state; i++) used[derivative[i]] = 1;
  for (wn_node node = n - 1; found > 0 && node >= 0; node--) {
    if (!used[node] || !moves(x, node)) continue;
    const wn_node_info info = wn_graph_info(x->graph, node);
    if (!is_smooth(x, node)) found = 0;
    for (int i = 0; i < wn_op_arity(info.op); i++) used[info.args[i]] = 1;
  }
  for (wn_node node = 0; found > 0 && node < n; node++) {
    if (!used[node]) continue;
    if (!WN_PUSH(&x->values, (value){.node = node, .own = {node}})) found = -1;
    x->place[node] = x->values.n;
    if (x->values.n > MAX_VALUE) found = 0;
  }
  wn_free(used);
  return found;
}

static void expand_all(expansion *x, const wn_node *derivative, wn_node *out) {
  for (int k = 0; k < ORDER; k++) {
    for (int i = 0; i < x->values.n; i++) {
      value *w = &x->values.data[i];
      if (moves(x, w->node))
        expand(x, w, k);
      else if (k > 0)
        w->own[k] = x->zero;
    }
    for (int i = 0; i < x->n_state; i++) {
      wn_node slope = series_of(x, derivative[i])[k], state = wn_graph_leaf(x->graph, WN_OP_STATE, i);
      if (k == 0) slope = apply(x, WN_OP_ADD, slope, wn_graph_leaf(x->graph, WN_OP_STATE, x->n_state + i));
      wn_node next = out[k * x->n_state + i] = times(x, slope, number(x, 1.0 / (k + 1)));
      // (a state that no derivative reads has no series)
      if (state < 0 || !x->place[state]) continue;
      x->values.data[x->place[state] - 1].own[k + 1] = next;
    }
  }
}

// the derivatives in a graph of their own, in which all leaves are there from the beginning
static bool begin(expansion *x, const wn_graph *from, wn_node *derivative) {
  unsigned char *is_zero = wn_alloc((size_t)wn_graph_size(from) + 1);
  int *state_at = wn_alloc((size_t)(x->n_state + 1) * sizeof *state_at);
  x->graph = wn_graph_create();
  bool ok = is_zero && state_at && x->graph;
  for (int i = 0; ok && i < x->n_state; i++) state_at[i] = i;
  ok = ok && wn_graph_copy(from, is_zero, state_at, x->graph, derivative, x->n_state);
  for (int i = 0; ok && i < 2 * x->n_state; i++) ok = wn_graph_leaf(x->graph, WN_OP_STATE, i) != WN_NO_NODE;
  wn_free(is_zero);
  wn_free(state_at);
  if (!ok) return false;
  x->zero = number(x, 0), x->one = number(x, 1);
  x->place = wn_alloc((size_t)wn_graph_size(x->graph) * sizeof *x->place);
  return x->zero != WN_NO_NODE && x->one != WN_NO_NODE && x->place;
}

static wn_status make(expansion *x, const wn_graph *from, wn_node *derivative, wn_program **program, wn_error *err) {
  if (!begin(x, from, derivative)) return wn_fail_memory(err);
  const int found = gather(x, derivative);
  if (found <= 0) return found < 0 ? wn_fail_memory(err) : WN_OK;
  const int n_out = ORDER * x->n_state;
  wn_node *out = wn_alloc((size_t)n_out * sizeof *out);
  if (!out) return wn_fail_memory(err);
  expand_all(x, derivative, out);
  *program = wn_program_create_fused(x->graph, out, n_out, err);
  wn_free(out);
  if (!*program) return err ? err->status : WN_ERR_MEMORY;
  if (wn_program_n_instruction(*program) <= MAX_INSTRUCTION) return WN_OK;
  wn_program_destroy(*program);
  *program = NULL;
  return WN_OK;
}

wn_status wn_series_create(const wn_graph *graph, const wn_node *derivative, int n_state, wn_program **program,
                           wn_error *err) {
  *program = NULL;
  expansion x = {.n_state = n_state};
  wn_node *own = wn_alloc((size_t)(n_state + 1) * sizeof *own);
  if (!own) return wn_fail_memory(err);
  memcpy(own, derivative, (size_t)n_state * sizeof *own);
  wn_status status = make(&x, graph, own, program, err);
  WN_ARRAY_FREE(&x.values);
  wn_free(x.place);
  wn_free(own);
  wn_graph_destroy(x.graph);
  return status;
}
