// Tracing: the graph computes what the equations say (against closed forms on random points), every unit rule, every
// misuse of a value, and what equations see and may set.
#include "script/models.h"

#include <math.h>

static const char two_states[] = " { 'A', 'nmol', 'a' }, { 'C', 'nmol/L', 'c' } ";
static const char many[] = " { 'k', 0.5, '1/h', 'rate', 'assumed', 'x' }, { 'V', 10, 'L', 'volume', 'assumed', 'x' },"
                           " { 'f', 0.3, '1', 'fraction', 'assumed', 'x' }, { 'n', 2.5, '1', 'power', 'assumed', 'x' },"
                           " { 'p', 5, '%', 'share', 'assumed', 'x' }, { 'peak', 9, 'h', 'peak', 'assumed', 'x' } ";

static double output(const wn_script *script, const char *name, double time, const double *state) {
  const wn_model *model = wn_script_model(script);
  double param[16];
  wn_model_defaults(model, -1, param);
  int at = wn_model_find_output(model, name);
  assert_true(at >= 0);
  wn_point point = {.time = time, .param = param, .state = state};
  return wn_graph_eval(model->graph, model->output[at].value, &point);
}

// one output y computed from x = A / nmol
static double compute(const char *expression, double x, double time) {
  char equations[600];
  snprintf(equations, sizeof equations, "local x = A / q(1, 'nmol') y = %s d.A = 0 d.C = 0", expression);
  wn_script *script = load_sketch(&(sketch){.top = "local T = wane.table{ x = {0, 1, 3}, y = {0, 10, 30} }",
                                            .parameters = many,
                                            .states = two_states,
                                            .equations = equations,
                                            .outputs = " { 'y', '1', 'y' } "});
  double state[2] = {x, 3};
  double y = output(script, "y", time, state);
  wn_script_destroy(script);
  return y;
}

static void test_functions(void **state) {
  (void)state;
  static const struct {
    const char *expression;
    double x, time, y;
  } cases[] = {
      {"exp(x) + log(x) * sin(x) - cos(x)", 1.5, 0,
       4.481689070338065 + 0.4054651081081644 * 0.9974949866040544 - 0.0707372016677029},
      {"tanh(x) + atan(x)", 0.5, 0, 0.46211715726000975 + 0.4636476090008061},
      {"sqrt(x) + abs(-x) + floor(x)", 2.25, 0, 1.5 + 2.25 + 2},
      {"math.exp(x) - math.sqrt(x) + math.max(x, 1, 5) + math.min(x, 1)", 4, 0, 54.598150033144236 - 2 + 5 + 1},
      {"x ^ 3 + 2 ^ x + pow(x, n)", 4, 0, 64 + 16 + 32},
      {"-x / 4 * 2 + 1 - 3", 4, 0, -4},
      {"lt(x, 2) + 2 * le(x, 2) + 4 * gt(x, 2) + 8 * ge(x, 2) + 16 * eq(x, 2) + 32 * ne(x, 2)", 2, 0, 2 + 8 + 16},
      {"lt(x, 2) + 2 * le(x, 2) + 4 * gt(x, 2) + 8 * ge(x, 2) + 16 * eq(x, 2) + 32 * ne(x, 2)", 3, 0, 4 + 8 + 32},
      {"both(lt(x, 2), gt(x, 0)) + 2 * either(lt(x, 0), gt(x, 2)) + 4 * negate(lt(x, 2))", 1, 0, 1},
      {"both(lt(x, 2), gt(x, 0)) + 2 * either(lt(x, 0), gt(x, 2)) + 4 * negate(lt(x, 2))", 3, 0, 6},
      {"where(gt(x, 1), sqrt(x - 1), -1)", 0.5, 0, -1},
      {"where(gt(x, 1), sqrt(x - 1), -1)", 5, 0, 2},
      {"hill(x, 2, 3)", 4, 0, 64.0 / 72.0},
      {"hill(x, 2, n)", -1, 0, 0},
      {"hill(x, 2, n)", 0, 0, 0},
      {"hill(A, q(2, 'nmol'), 1)", 2, 0, 0.5},
      {"circadian(peak, f)", 0, 9 + 24, 1.3},
      {"circadian(peak, f)", 0, 21, 0.7},
      {"circadian(q(3, 'h'), 0.5)", 0, 9, 1},
      {"t / q(1, 'h') + clock / q(1, 'h')", 0, 50, 52},
      {"interp(T, x)", 2, 0, 20},
      {"interp(T, x) + interp(T, -x)", 9, 0, 30},
      {"q(24, 'h') * k + q(3, '%') / q(1, '%') + pi - math.pi", 0, 0, 15},
      {"x + 0 + 0 * x", 3, 0, 3},
      {"max(0, x) + min(1/0, x)", 3, 0, 6},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double y = compute(cases[i].expression, cases[i].x, cases[i].time);
    if (!(fabs(y - cases[i].y) <= 1e-13 * (1 + fabs(cases[i].y)))) fail_msg("%s: %.17g", cases[i].expression, y);
  }
}

// at the borders the scale is converted: outputs, derivatives
static void test_borders_convert(void **state) {
  (void)state;
  wn_script *script = load_sketch(&(sketch){
      .states = " { 'A', 'mg', 'a' } ",
      .equations = "C = A / V * q(1e6, 'ng/mg') d.A = -CL * A / V * q(1/60, 'h/min')",
      .outputs = " { 'C', 'ng/mL', 'in other units' }, { 'A', 'ng', 'a state' }, { 'CL', 'mL/min', 'a parameter' } "});
  double a = 5;
  assert_true(fabs(output(script, "C", 0, &a) - 500) < 1e-10);
  assert_true(fabs(output(script, "A", 0, &a) - 5e6) < 1e-6);
  assert_true(fabs(output(script, "CL", 0, &a) - 2000.0 / 60) < 1e-12);
  const wn_model *model = wn_script_model(script);
  double param[2] = {2, 10};
  wn_point point = {.param = param, .state = &a};
  // mg/min computed, mg/h wanted
  assert_true(fabs(wn_graph_eval(model->graph, model->state[0].derivative, &point) + 1) < 1e-14);
  wn_script_destroy(script);
}

static void expect(const char *equations, const char *words) {
  expect_words(&(sketch){.top = "local T = wane.table{ x = {0, 1}, y = {0, 10}, x_unit = 'h', y_unit = 'mg' }",
                         .parameters = many,
                         .states = two_states,
                         .equations = equations,
                         .outputs = ""},
               words);
}

static void test_unit_errors(void **state) {
  (void)state;
  expect("\ny = A + C", "small.lua:9: adding nmol to nmol/L: units differ");
  expect("y = A - C", "small.lua:8: subtracting nmol/L from nmol: units differ");
  expect("y = A + 1", "adding nmol to a pure number: units differ; q(1, \"nmol\") is a number with that unit");
  expect("y = q(1, 'mg') + q(1, 'ng')", "adding mg to ng: units differ in scale; convert with q(1e-06, \"mg/(ng)\")");
  expect("y = exp(k)", "small.lua:8: exp needs a pure number, got 1/h");
  expect("y = log(A)", "log needs a pure number, got nmol");
  expect("y = sin(t)", "sin needs a pure number, got h");
  expect("y = exp(p)", "exp needs a pure number, got %");
  expect("y = A ^ 0.5", "a power of nmol needs a whole number as exponent");
  expect("y = A ^ n", "a power of nmol needs a whole number as exponent");
  expect("y = 2 ^ A", "an exponent needs a pure number, got nmol");
  expect("y = sqrt(A)", "sqrt: nmol has no square root");
  expect("y = max(A, C)", "max of nmol and nmol/L: units differ");
  expect("y = min(A, 1)", "min of nmol and a pure number: units differ");
  expect("y = lt(A, C)", "comparing nmol with nmol/L: units differ");
  expect("y = gt(t, 7)", "comparing a pure number with h: units differ");
  expect("y = both(A, 1)", "both needs a pure number, got nmol");
  expect("y = where(A, 1, 2)", "where needs a pure number, got nmol");
  expect("y = where(1, A, C)", "where: choosing between nmol and nmol/L: units differ");
  expect("y = hill(A, C, 2)", "hill: comparing nmol with nmol/L: units differ");
  expect("y = hill(A, A, k)", "hill: the steepness needs a pure number, got 1/h");
  expect("y = circadian(9, f)", "circadian: peak: expected h, got a pure number; a clock time is q(9, \"h\")");
  expect("y = circadian(peak, k)", "circadian: the amplitude needs a pure number, got 1/h");
  expect("y = interp(T, A)", "interp: expected h, got nmol");
  expect("y = q(1, 'mgg')", "small.lua:8: q: unknown unit 'mgg'; try mg");
  expect("d.A = C", "small.lua:8: derivative of A: expected nmol/h (or the same dimension), got nmol/L");
  expect("d.A = 1", "derivative of A: expected nmol/h (or the same dimension), got a pure number");
}

static void test_border_errors(void **state) {
  (void)state;
  expect_words(&(sketch){.outputs = "\n { 'C', 'mg', 'wrong' } "},
               "small.lua:7: output C: expected mg (or the same dimension), got mg/L");
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a', initial = 'CL' } "},
               "small.lua:4: initial value of A: expected mg (or the same dimension), got L/h");
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a', initial = function() return 3 end } "},
               "initial value of A: expected mg (or the same dimension), got a pure number");
  expect_words(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', lag = 'CL' } "},
               "small.lua:5: lag of D: expected h (or the same dimension), got L/h");
  expect_words(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', F = 'CL' } "},
               "F of D: expected 1 (or the same dimension), got L/h");
  expect_words(&(sketch){.doses = " { 'D', 'nmol', 'd', into = 'A' } "},
               "amount of D: expected mg (or the same dimension), got nmol");
  expect_words(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', amount = function(dose) return dose * CL end } "},
               "amount of D: expected mg (or the same dimension), got ");
}

static void test_misused_values(void **state) {
  (void)state;
  static const char compare[] = "cannot compare while tracing: use where(lt(a, b), x, y)";
  expect("if A < C then end", compare);
  expect("if A <= 1 then end", compare);
  expect("if 1 > A then end", compare);
  expect("\n\nif A >= 1 then end", "small.lua:10: cannot compare");
  expect("if A == C then end", "cannot compare while tracing: use where(eq(a, b), x, y)");
  expect("y = A .. 'x'", "cannot become text");
  expect("y = A.x", "has no fields");
  expect("A.x = 1", "has no fields");
  expect("y = A(1)", "is not a function; is a * missing?");
  expect("y = #A", "has no length");
  expect("y = A // 2", "// is not available in the model's functions; use floor(a / b)");
  expect("y = A % 2", "use a - b * floor(a / b)");
  expect("y = A & 1", "use both(a, b)");
  expect("y = ~A", "use negate(a)");
  expect("for i = 1, A do end", "'for' limit (number expected, got value of the model)");
  expect("y = math.ceil(A)", "number expected, got value of the model");
  expect("y = A + {}", "adding: expected a value, got table");
  expect("y = A + true", "adding: expected a value, got a boolean");
  expect("y = exp()", "exp takes 1 value, got 0");
  expect("y = exp(A, A)", "exp takes 1 value, got 2");
  expect("y = where(1, 2)", "where takes 3 values, got 2");
  expect("y = lt(1)", "lt takes 2 values, got 1");
  expect("y = max()", "max takes 2 values, got 0");
  expect("y = exp(nil)", "exp: expected a value, got nothing");
  expect("y = exp('1')", "exp: expected a value, got string");
  expect("y = interp(A, t)", "interp: expected a table made with wane.table, and a value");
  expect("y = q(A, 'mg')", "q: expected a number and a unit");
}

static void test_names(void **state) {
  (void)state;
  expect("y = kk", "small.lua:8: unknown name 'kk' in the equations; try k");
  expect("y = peek", "unknown name 'peek' in the equations; try peak");
  expect("total = A yy = totl", "unknown name 'totl' in the equations; try total");
  expect("y = xyzzyx",
         "unknown name 'xyzzyx' in the equations: expected a parameter, a covariate, a state or a variable set before");
  expect("k = 1", "'k' is a parameter; equations cannot set it");
  expect("A = 1", "'A' is a state; equations set its derivative, d.A = ...");
  expect("t = 1", "'t' is a name of the language");
  expect("exp = 1", "'exp' is a name of the language");
  expect("y = 1 y = 2", "variable 'y' is set twice");
  expect("y = {}", "variable y: expected a value, got a table; write local y = ...");
  expect("y = function() end", "variable y: expected a value, got a function");
  expect("y = 'text'", "variable y: expected a value, got string");
  expect("y = nil", "variable y: expected a value, got nothing");
  expect("d.B = 1", "d.B: no such state; try ");
  expect("d.xyzzy = 1", "d.xyzzy: no such state");
  expect("d.A = 0 d.A = 0", "derivative of A is set twice");
  expect("d.A = 'x'", "derivative of A: expected a value, got string");
  expect("y = d.A", "d.A is read before it is set");
  expect("d.A = 0", "state C: the equations do not set d.C; a state that does not change has d.C = 0");
  expect("d = 1", "'d' is a name of the language");
  // read back, a variable of a wane name that is no function of the language, and locals
  wn_script *script = load_sketch(&(sketch){.equations = "local a = A / V every = a C = every d.A = -CL * C B = d.A"});
  wn_script_destroy(script);
}

static void test_other_functions_see_less(void **state) {
  (void)state;
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a', initial = function() return A end } "},
               "small.lua:4: state 'A' is not known in the initial value of A");
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a', initial = function() y = 1 return q(1, 'mg') end } "},
               "the initial value of A cannot set 'y'; write local y = ...");
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a', initial = function() d.A = 1 end } "},
               "the initial value of A cannot set d.A");
  expect_words(&(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', lag = function() return t end } "},
               "t: time is not known in the lag of D");
  expect_words(
      &(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', F = function() return circadian(q(1, 'h'), 1) end } "},
      "circadian: time is not known in the F of D");
  expect_words(&(sketch){.top = "local x = clock"}, "small.lua:1: unknown name 'clock'");
  expect_words(&(sketch){.top = "local x = circadian(q(9, 'h'), 1)"},
               "circadian: time is not known outside of equations");
  // a helper of the file does not see them: it must be given them
  expect_words(&(sketch){.top = "local function f() return CL / V end", .equations = "C = f() * A"},
               "small.lua:1: unknown name 'CL' (parameters and states are known only in the model's functions)");
  // but it sees the functions of the language, and quantities made outside
  wn_script *script =
      load_sketch(&(sketch){.top = "local day = q(24, 'h') local function f(x) return exp(-x / day) end",
                            .equations = "C = A / V * f(t) d.A = -A / day"});
  double a = 10;
  assert_true(fabs(output(script, "C", 24, &a) - exp(-1)) < 1e-15);
  wn_script_destroy(script);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_functions),
      cmocka_unit_test(test_borders_convert),
      cmocka_unit_test(test_unit_errors),
      cmocka_unit_test(test_border_errors),
      cmocka_unit_test(test_misused_values),
      cmocka_unit_test(test_names),
      cmocka_unit_test(test_other_functions_see_less),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
