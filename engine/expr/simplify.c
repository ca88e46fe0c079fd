// simplify.c - the rules of algebra a node goes through when it is made. Its arguments have been through them already,
// so a rule looks one or two levels down and never walks. The table of rules:
//
//   constants folded with the program's own kernels      x+0, x-0, x*1, x/1 -> x      x-x -> 0       0*x -> 0
//   x^n, |n| <= 8 whole -> products    x^0.5 -> sqrt x    -(-x) -> x; signs float outwards and into constants
//   (x*c)*k, x*c/k, x/c*k, x/c/k, c/x*k, c/x/k, k/(x*c), k/(x/c) -> one constant    x/2^k -> x*2^-k    x+x -> 2*x
//   min(x,x), max(x,x), where(c,x,x) -> x    where over constants, not, itself; where(c,1,0) -> c; logic of constants
//
// Choices. 0*x and x-x are 0 even where x is not finite, without which derivatives would drown in zeros. The sign of a
// zero and the payload of a not-a-number are not kept. Merged constants may round the last place differently and may
// save an intermediate result from overflow; they are merged only where the merged constant is a normal number. Sums
// are never reassociated, exp(log x), x/x and 0/x never touched. All other results keep their bits.
#include "expr/graph_impl.h"
#include "expr/kernels.h"

#include <assert.h>
#include <math.h>

static wn_node make(wn_graph *g, wn_op op, wn_node a, wn_node b) { return wn_graph_apply(g, op, a, b, WN_NO_NODE); }

static bool become(wn_node *result, wn_node node) {
  *result = node;
  return true;
}

static bool is_op(const wn_graph *g, wn_node node, wn_op op) { return wn_graph_at(g, node)->op == op; }

static wn_node arg_of(const wn_graph *g, wn_node node, int i) { return wn_graph_at(g, node)->arg[i]; }

// is the value 0 or 1 for certain?
static bool is_truth(const wn_graph *g, wn_node node) {
  switch (wn_graph_at(g, node)->op) {
  case WN_OP_LT:
  case WN_OP_LE:
  case WN_OP_EQ:
  case WN_OP_AND:
  case WN_OP_OR:
  case WN_OP_NOT: return true;
  default: return wn_graph_is(g, node, 0) || wn_graph_is(g, node, 1);
  }
}

static bool fold_constants(wn_graph *g, wn_op op, const wn_node arg[3], int index, wn_node *result) {
  double v[3] = {0, 0, 0};
  for (int i = 0; i < wn_op_arity(op); i++) {
    if (!is_op(g, arg[i], WN_OP_CONST)) return false;
    v[i] = wn_graph_at(g, arg[i])->value;
  }
  double value;
  if (op == WN_OP_TABLE)
    value = wn_table_value(wn_graph_table_at(g, index), v[0]);
  else if (op == WN_OP_TABLE_D)
    value = wn_table_slope(wn_graph_table_at(g, index), v[0]);
  else
    value = wn_scalar_op(op, v[0], v[1], v[2]);
  return become(result, wn_graph_const(g, value));
}

// a term with one constant factor: x * c, x / c or c / x
typedef struct scaled {
  enum { PLAIN, TIMES, OVER, UNDER } form;
  wn_node x;
  double c;
} scaled;

static scaled take_apart(const wn_graph *g, wn_node node) {
  const wn_graph_node *n = wn_graph_at(g, node);
  if (n->op != WN_OP_MUL && n->op != WN_OP_DIV) return (scaled){.form = PLAIN};
  const wn_graph_node *a = wn_graph_at(g, n->arg[0]), *b = wn_graph_at(g, n->arg[1]);
  if (a->op == WN_OP_CONST) return (scaled){n->op == WN_OP_MUL ? TIMES : UNDER, n->arg[1], a->value};
  if (b->op == WN_OP_CONST) return (scaled){n->op == WN_OP_MUL ? TIMES : OVER, n->arg[0], b->value};
  return (scaled){.form = PLAIN};
}

// put a term together with a new constant, unless that is not a normal number
static bool put_together(wn_graph *g, int form, wn_node x, double c, wn_node *result) {
  if (!isnormal(c)) return false;
  wn_node constant = wn_graph_const(g, c);
  if (form == UNDER) return become(result, make(g, WN_OP_DIV, constant, x));
  return become(result, make(g, form == TIMES ? WN_OP_MUL : WN_OP_DIV, x, constant));
}

static bool multiply_by_constant(wn_graph *g, wn_node x, double k, wn_node *result) {
  if (k == 0) return become(result, wn_graph_const(g, 0));
  if (k == 1) return become(result, x);
  if (k == -1) return become(result, make(g, WN_OP_NEG, x, WN_NO_NODE));
  if (is_op(g, x, WN_OP_NEG)) return become(result, make(g, WN_OP_MUL, arg_of(g, x, 0), wn_graph_const(g, -k)));
  scaled s = take_apart(g, x);
  switch (s.form) {
  case TIMES: return put_together(g, TIMES, s.x, s.c * k, result);
  case OVER: return put_together(g, TIMES, s.x, k / s.c, result);
  case UNDER: return put_together(g, UNDER, s.x, s.c * k, result);
  default: return false;
  }
}

static bool divide_by_constant(wn_graph *g, wn_node x, double k, wn_node *result) {
  if (k == 1) return become(result, x);
  if (k == -1) return become(result, make(g, WN_OP_NEG, x, WN_NO_NODE));
  if (is_op(g, x, WN_OP_NEG)) return become(result, make(g, WN_OP_DIV, arg_of(g, x, 0), wn_graph_const(g, -k)));
  scaled s = take_apart(g, x);
  bool done = false;
  if (s.form == TIMES) done = put_together(g, TIMES, s.x, s.c / k, result);
  if (s.form == OVER) done = put_together(g, OVER, s.x, s.c * k, result);
  if (s.form == UNDER) done = put_together(g, UNDER, s.x, s.c / k, result);
  if (done) return true;

  // a power of two divides exactly, so it may as well multiply
  int exponent;
  return fabs(frexp(k, &exponent)) == 0.5 && put_together(g, TIMES, x, 1 / k, result);
}

static bool divide_constant(wn_graph *g, double k, wn_node x, wn_node *result) {
  if (is_op(g, x, WN_OP_NEG)) return become(result, make(g, WN_OP_DIV, wn_graph_const(g, -k), arg_of(g, x, 0)));
  scaled s = take_apart(g, x);
  if (s.form == TIMES) return put_together(g, UNDER, s.x, k / s.c, result);
  if (s.form == OVER) return put_together(g, UNDER, s.x, k * s.c, result);
  return false;
}

// signs of factors float out of a product or quotient
static bool float_signs(wn_graph *g, wn_op op, wn_node a, wn_node b, wn_node *result) {
  bool minus_a = is_op(g, a, WN_OP_NEG), minus_b = is_op(g, b, WN_OP_NEG);
  if (!minus_a && !minus_b) return false;
  wn_node plain = make(g, op, minus_a ? arg_of(g, a, 0) : a, minus_b ? arg_of(g, b, 0) : b);
  return become(result, minus_a && minus_b ? plain : make(g, WN_OP_NEG, plain, WN_NO_NODE));
}

static bool simplify_mul(wn_graph *g, const wn_node arg[3], wn_node *result) {
  for (int i = 0; i < 2; i++)
    if (is_op(g, arg[i], WN_OP_CONST))
      return multiply_by_constant(g, arg[1 - i], wn_graph_at(g, arg[i])->value, result);
  return float_signs(g, WN_OP_MUL, arg[0], arg[1], result);
}

static bool simplify_div(wn_graph *g, const wn_node arg[3], wn_node *result) {
  if (is_op(g, arg[1], WN_OP_CONST)) return divide_by_constant(g, arg[0], wn_graph_at(g, arg[1])->value, result);
  if (is_op(g, arg[0], WN_OP_CONST)) return divide_constant(g, wn_graph_at(g, arg[0])->value, arg[1], result);
  return float_signs(g, WN_OP_DIV, arg[0], arg[1], result);
}

static bool simplify_add(wn_graph *g, const wn_node arg[3], wn_node *result) {
  wn_node a = arg[0], b = arg[1];
  if (wn_graph_is(g, a, 0)) return become(result, b);
  if (wn_graph_is(g, b, 0)) return become(result, a);
  if (a == b) return become(result, make(g, WN_OP_MUL, wn_graph_const(g, 2), a));
  bool minus_a = is_op(g, a, WN_OP_NEG), minus_b = is_op(g, b, WN_OP_NEG);
  if (minus_a && minus_b)
    return become(result, make(g, WN_OP_NEG, make(g, WN_OP_ADD, arg_of(g, a, 0), arg_of(g, b, 0)), WN_NO_NODE));
  if (minus_a) return become(result, make(g, WN_OP_SUB, b, arg_of(g, a, 0)));
  if (minus_b) return become(result, make(g, WN_OP_SUB, a, arg_of(g, b, 0)));
  return false;
}

static bool simplify_sub(wn_graph *g, const wn_node arg[3], wn_node *result) {
  wn_node a = arg[0], b = arg[1];
  if (a == b) return become(result, wn_graph_const(g, 0));
  if (wn_graph_is(g, b, 0)) return become(result, a);
  if (wn_graph_is(g, a, 0)) return become(result, make(g, WN_OP_NEG, b, WN_NO_NODE));
  if (is_op(g, b, WN_OP_NEG)) return become(result, make(g, WN_OP_ADD, a, arg_of(g, b, 0)));
  if (is_op(g, a, WN_OP_NEG))
    return become(result, make(g, WN_OP_NEG, make(g, WN_OP_ADD, arg_of(g, a, 0), b), WN_NO_NODE));
  return false;
}

static bool simplify_neg(wn_graph *g, const wn_node arg[3], wn_node *result) {
  wn_node a = arg[0];
  if (is_op(g, a, WN_OP_NEG)) return become(result, arg_of(g, a, 0));
  if (is_op(g, a, WN_OP_SUB)) return become(result, make(g, WN_OP_SUB, arg_of(g, a, 1), arg_of(g, a, 0)));
  scaled s = take_apart(g, a);
  return s.form != PLAIN && put_together(g, s.form, s.x, -s.c, result);
}

// x^n by repeated squaring, n >= 1
static wn_node whole_power(wn_graph *g, wn_node x, int n) {
  if (n == 1) return x;
  wn_node half = whole_power(g, x, n / 2), square = make(g, WN_OP_MUL, half, half);
  return n % 2 ? make(g, WN_OP_MUL, square, x) : square;
}

static bool simplify_pow(wn_graph *g, const wn_node arg[3], wn_node *result) {
  if (wn_graph_is(g, arg[0], 1)) return become(result, arg[0]);
  if (!is_op(g, arg[1], WN_OP_CONST)) return false;
  double n = wn_graph_at(g, arg[1])->value, size = fabs(n);
  if (n == 0) return become(result, wn_graph_const(g, 1));
  wn_node power;
  if (size == 0.5)
    power = make(g, WN_OP_SQRT, arg[0], WN_NO_NODE);
  else if (size <= 8 && size == floor(size))
    power = whole_power(g, arg[0], (int)size);
  else
    return false;
  return become(result, n > 0 ? power : make(g, WN_OP_DIV, wn_graph_const(g, 1), power));
}

static bool simplify_logic(wn_graph *g, wn_op op, const wn_node arg[3], wn_node *result) {
  for (int i = 0; i < 2; i++) {
    if (!is_op(g, arg[i], WN_OP_CONST)) continue;
    wn_node other = arg[1 - i];
    bool truth = !wn_graph_is(g, arg[i], 0);
    if (op == WN_OP_AND && !truth) return become(result, wn_graph_const(g, 0));
    if (op == WN_OP_OR && truth) return become(result, wn_graph_const(g, 1));
    if (is_truth(g, other)) return become(result, other);
  }
  return arg[0] == arg[1] && is_truth(g, arg[0]) && become(result, arg[0]);
}

static bool simplify_where(wn_graph *g, const wn_node arg[3], wn_node *result) {
  wn_node condition = arg[0], yes = arg[1], no = arg[2];
  if (yes == no) return become(result, yes);
  if (is_op(g, condition, WN_OP_CONST)) return become(result, wn_graph_is(g, condition, 0) ? no : yes);
  if (is_op(g, condition, WN_OP_NOT))
    return become(result, wn_graph_apply(g, WN_OP_WHERE, arg_of(g, condition, 0), no, yes));

  // a choice already made by the same condition
  if (is_op(g, yes, WN_OP_WHERE) && arg_of(g, yes, 0) == condition)
    return become(result, wn_graph_apply(g, WN_OP_WHERE, condition, arg_of(g, yes, 1), no));
  if (is_op(g, no, WN_OP_WHERE) && arg_of(g, no, 0) == condition)
    return become(result, wn_graph_apply(g, WN_OP_WHERE, condition, yes, arg_of(g, no, 2)));

  if (!is_truth(g, condition)) return false;
  if (wn_graph_is(g, yes, 1) && wn_graph_is(g, no, 0)) return become(result, condition);
  if (wn_graph_is(g, yes, 0) && wn_graph_is(g, no, 1)) return become(result, make(g, WN_OP_NOT, condition, WN_NO_NODE));
  return false;
}

static bool simplify_abs(wn_graph *g, const wn_node arg[3], wn_node *result) {
  if (is_op(g, arg[0], WN_OP_ABS)) return become(result, arg[0]);
  if (is_op(g, arg[0], WN_OP_NEG)) return become(result, make(g, WN_OP_ABS, arg_of(g, arg[0], 0), WN_NO_NODE));
  return false;
}

static bool apply_rules(wn_graph *g, wn_op op, const wn_node arg[3], wn_node *result) {
  wn_node a = arg[0];
  switch (op) {
  case WN_OP_ADD: return simplify_add(g, arg, result);
  case WN_OP_SUB: return simplify_sub(g, arg, result);
  case WN_OP_MUL: return simplify_mul(g, arg, result);
  case WN_OP_DIV: return simplify_div(g, arg, result);
  case WN_OP_NEG: return simplify_neg(g, arg, result);
  case WN_OP_ABS: return simplify_abs(g, arg, result);
  case WN_OP_MIN:
  case WN_OP_MAX: return a == arg[1] && become(result, a);
  case WN_OP_FLOOR: return is_op(g, a, WN_OP_FLOOR) && become(result, a);
  case WN_OP_LT: return a == arg[1] && become(result, wn_graph_const(g, 0));
  case WN_OP_AND:
  case WN_OP_OR: return simplify_logic(g, op, arg, result);
  case WN_OP_NOT: return is_op(g, a, WN_OP_NOT) && is_truth(g, arg_of(g, a, 0)) && become(result, arg_of(g, a, 0));
  case WN_OP_WHERE: return simplify_where(g, arg, result);
  default: return false;
  }
}

static bool is_commutative(wn_op op) {
  switch (op) {
  case WN_OP_ADD:
  case WN_OP_MUL:
  case WN_OP_MIN:
  case WN_OP_MAX:
  case WN_OP_EQ:
  case WN_OP_AND:
  case WN_OP_OR: return true;
  default: return false;
  }
}

bool wn_graph_simplify(wn_graph *graph, wn_op op, wn_node arg[3], int index, wn_node *result) {
  // powers first: a constant folded must have the bits of the products it would become
  if (op == WN_OP_POW && simplify_pow(graph, arg, result)) return true;
  if (fold_constants(graph, op, arg, index, result)) return true;
  if (apply_rules(graph, op, arg, result)) return true;
  if (is_commutative(op) && arg[0] > arg[1]) {
    wn_node first = arg[1];
    arg[1] = arg[0];
    arg[0] = first;
  }
  return false;
}
