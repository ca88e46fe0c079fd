// bounds.c - see bounds.h. Where all arguments are known exactly, so is the result, with the bits the lanes compute.
// Invariant: what is said of a value holds for every point of the domain; where a rule is missing nothing is said.

#include "expr/bounds.h"

#include "expr/graph_impl.h"
#include "expr/kernels.h"

#include <assert.h>
#include <math.h>

wn_bounds wn_bounds_point(double value) {
  return isfinite(value) ? (wn_bounds){value, value, true} : (wn_bounds){-INFINITY, INFINITY, false};
}

wn_bounds wn_bounds_any(void) { return (wn_bounds){-INFINITY, INFINITY, true}; }

wn_bounds wn_bounds_none(void) { return (wn_bounds){INFINITY, -INFINITY, true}; }

void wn_bounds_widen(wn_bounds *bounds, double value) {
  if (!isfinite(value)) bounds->is_number = false;
  bounds->low = fmin(bounds->low, value);
  bounds->high = fmax(bounds->high, value);
}

static const wn_bounds nothing = {-INFINITY, INFINITY, false};

static wn_bounds between(double low, double high) {
  // an infinity less an infinity on the way: no bound is known
  if (isnan(low)) low = -INFINITY;
  if (isnan(high)) high = INFINITY;
  return (wn_bounds){low, high, true};
}

static wn_bounds leaf(const wn_bounds *known, int n, int index) {
  return known && index < n ? known[index] : wn_bounds_any();
}

// bounds times a bound: 0 times "without end" is 0, as every number within is finite
static double times(double a, double b) { return a == 0 || b == 0 ? 0 : a * b; }

static wn_bounds corners(const double at[4]) {
  return between(fmin(fmin(at[0], at[1]), fmin(at[2], at[3])), fmax(fmax(at[0], at[1]), fmax(at[2], at[3])));
}

static wn_bounds multiply(wn_bounds a, wn_bounds b) {
  return corners((double[4]){times(a.low, b.low), times(a.low, b.high), times(a.high, b.low), times(a.high, b.high)});
}

static bool excludes_zero(wn_bounds b) { return b.low > 0 || b.high < 0; }

static wn_bounds divide(wn_bounds a, wn_bounds b) {
  if (!excludes_zero(b)) return nothing;
  return multiply(a, (wn_bounds){1 / b.high, 1 / b.low, true});
}

// a power rises or falls along each argument, so its extremes are at corners; a base of 0 needs a positive exponent
static wn_bounds power(wn_bounds a, wn_bounds b) {
  if (!(a.low > 0 || (a.low >= 0 && b.low > 0))) return nothing;
  return corners((double[4]){pow(a.low, b.low), pow(a.low, b.high), pow(a.high, b.low), pow(a.high, b.high)});
}

static wn_bounds absolute(wn_bounds a) {
  if (a.low >= 0) return a;
  double high = fmax(-a.low, a.high);
  return between(a.high < 0 ? -a.high : 0, high);
}

static wn_bounds either(wn_bounds a, wn_bounds b) {
  return (wn_bounds){fmin(a.low, b.low), fmax(a.high, b.high), a.is_number && b.is_number};
}

// one argument that is a number
static wn_bounds function(wn_op op, wn_bounds a) {
  switch (op) {
  case WN_OP_NEG: return between(-a.high, -a.low);
  case WN_OP_SQRT: return a.low >= 0 ? between(sqrt(a.low), sqrt(a.high)) : nothing;
  case WN_OP_EXP: return between(exp(a.low), exp(a.high));
  case WN_OP_LOG: return a.low > 0 ? between(log(a.low), log(a.high)) : nothing;
  case WN_OP_SIN:
  case WN_OP_COS: return between(-1, 1);
  case WN_OP_TANH: return between(tanh(a.low), tanh(a.high));
  case WN_OP_ATAN: return between(atan(a.low), atan(a.high));
  case WN_OP_ABS: return absolute(a);
  case WN_OP_FLOOR: return between(floor(a.low), floor(a.high));
  default: return wn_bounds_any();  // tables
  }
}

static wn_bounds combine(wn_op op, wn_bounds a, wn_bounds b) {
  switch (op) {
  case WN_OP_ADD: return between(a.low + b.low, a.high + b.high);
  case WN_OP_SUB: return between(a.low - b.high, a.high - b.low);
  case WN_OP_MUL: return multiply(a, b);
  case WN_OP_DIV: return divide(a, b);
  case WN_OP_POW: return power(a, b);
  case WN_OP_MIN: return between(fmin(a.low, b.low), fmin(a.high, b.high));
  case WN_OP_MAX: return between(fmax(a.low, b.low), fmax(a.high, b.high));
  default: return nothing;
  }
}

static bool is_point(wn_bounds b) { return b.is_number && b.low == b.high; }

static wn_bounds exactly(const wn_graph *graph, const wn_graph_node *node, const wn_bounds arg[3]) {
  switch (node->op) {
  case WN_OP_TABLE: return wn_bounds_point(wn_table_value(wn_graph_table_at(graph, node->index), arg[0].low));
  case WN_OP_TABLE_D: return wn_bounds_point(wn_table_slope(wn_graph_table_at(graph, node->index), arg[0].low));
  default: return wn_bounds_point(wn_scalar_op(node->op, arg[0].low, arg[1].low, arg[2].low));
  }
}

static wn_bounds bounds_of(const wn_graph *graph, const wn_graph_node *node, const wn_domain *domain,
                           const wn_bounds *bounds) {
  switch (node->op) {
  case WN_OP_CONST: return wn_bounds_point(node->value);
  case WN_OP_TIME: return domain->time;
  case WN_OP_PARAM: return leaf(domain->param, domain->n_param, node->index);
  case WN_OP_STATE: return leaf(domain->state, domain->n_state, node->index);
  case WN_OP_COVARIATE: return leaf(domain->covariate, domain->n_covariate, node->index);
  default: break;
  }
  int arity = wn_op_arity(node->op);
  wn_bounds arg[3] = {{0, 0, true}, {0, 0, true}, {0, 0, true}};
  bool numbers = true, points = true;
  for (int i = 0; i < arity; i++) {
    arg[i] = bounds[node->arg[i]];
    numbers = numbers && arg[i].is_number;
    points = points && is_point(arg[i]);
  }
  if (points) return exactly(graph, node, arg);
  switch (node->op) {
  case WN_OP_WHERE: return is_point(arg[0]) ? arg[arg[0].low != 0 ? 1 : 2] : either(arg[1], arg[2]);
  case WN_OP_LT:
  case WN_OP_LE:
  case WN_OP_EQ:
  case WN_OP_AND:
  case WN_OP_OR:
  case WN_OP_NOT: return between(0, 1);  // whatever the arguments are
  default: break;
  }
  if (!numbers) return nothing;
  return arity == 1 ? function(node->op, arg[0]) : combine(node->op, arg[0], arg[1]);
}

void wn_graph_needed(const wn_graph *graph, const wn_node *roots, int n_root, unsigned char *needed, int n) {
  for (int i = 0; i < n_root; i++) {
    assert(roots[i] >= 0 && roots[i] < n);
    needed[roots[i]] = 1;
  }
  for (wn_node node = n - 1; node >= 0; node--) {
    if (!needed[node]) continue;
    const wn_graph_node *at = wn_graph_at(graph, node);
    for (int i = 0; i < 3 && at->arg[i] != WN_NO_NODE; i++) needed[at->arg[i]] = 1;
  }
}

void wn_graph_reaches(const wn_graph *graph, const unsigned char *needed, int n, const unsigned char *is_state,
                      int n_state, unsigned char *reaches) {
  for (wn_node node = 0; node < n; node++) {
    if (!needed[node]) continue;
    const wn_graph_node *at = wn_graph_at(graph, node);
    reaches[node] = at->op == WN_OP_STATE && at->index < n_state && is_state[at->index];
    for (int i = 0; i < 3 && at->arg[i] != WN_NO_NODE; i++) reaches[node] |= reaches[at->arg[i]];
  }
}

void wn_graph_bounds(const wn_graph *graph, const unsigned char *needed, int n, const wn_domain *domain,
                     wn_bounds *bounds) {
  assert(n <= graph->nodes.n);
  for (wn_node node = 0; node < n; node++)
    if (needed[node]) bounds[node] = bounds_of(graph, wn_graph_at(graph, node), domain, bounds);
}
