// What Lua decides by itself while tracing is refused in every form it takes (branches.h), or found by running the
// functions again on plain numbers; models that only look suspicious load; doses must be proportional.
#include "script/models.h"

static const char states[] = " { 'A', 'mg', 'a' }, { 'B', 'mg', 'b' } ";
static const char parameters[] =
    " { 'CL', 2, 'L/h', 'c', 'assumed', 'x' }, { 'V', 10, 'L', 'v', 'assumed', 'x' },"
    " { 'off', 0, '1', 'a switch', 'assumed', 'x' }, { 'k', 1, '1/h', 'k', 'assumed', 'x' } ";

static void refuse(const char *equations, const char *words) {
  expect_words(&(sketch){.parameters = parameters, .states = states, .equations = equations, .outputs = ""}, words);
}

static void accept(const char *equations) {
  wn_script *script =
      load_sketch(&(sketch){.parameters = parameters, .states = states, .equations = equations, .outputs = ""});
  wn_script_destroy(script);
}

static void test_equality(void **state) {
  (void)state;
  refuse("local r = k if A == 0 then r = 2 * k end d.A = -r * B d.B = 0", "small.lua:8: == or ~= compares a value");
  refuse("if A ~= 0 then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: == or ~= compares a value");
  refuse("if off == 0 then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: == or ~= compares a value");
  refuse("if t == 0 then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: == or ~= compares a value");
  refuse("if lt(A, B) == 1 then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: == or ~= compares a value");
  refuse("if rawequal(off, 0) then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: cannot compare while tracing");
  refuse("if type(A) == 'userdata' then y = 1 else y = 2 end d.A = 0 d.B = 0", "variable y: differs");
  refuse("local T = { [0] = 1 } y = T[off] or 2 d.A = 0 d.B = 0", "small.lua:8: a value of the model cannot be a key");
}

static void test_and_or(void **state) {
  (void)state;
  refuse("y = lt(A, B) and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("y = A and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("local c = A and B d.A = -k * c d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("y = off or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("y = both(off, 1) and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("z = A * k y = z and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
}

static void test_not(void **state) {
  (void)state;
  refuse("y = not A and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("local r = k if not lt(A, B) then r = 2 * k end d.A = -r * B d.B = 0",
         "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("y = not off and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
}

static void test_if(void **state) {
  (void)state;
  refuse("if A then y = 1 else y = 2 end d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("local r = k if gt(t, q(7, 'h')) then r = 2 * k end d.A = -r * B d.B = 0",
         "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("if gt(A, B) then y = 1 end d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("if gt(A, B) then d.A = 0 end d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
  refuse("while off do break end y = off and 1 or 2 d.A = 0 d.B = 0", "small.lua:8: 'if', 'and', 'or' or 'not' asks");
}

static void test_kept_values(void **state) {
  (void)state;
  expect_words(&(sketch){.top = "local kept",
                         .parameters = parameters,
                         .states = states,
                         .equations = "kept = kept or A d.A = -k * kept d.B = 0",
                         .outputs = ""},
               "a value of an earlier run was kept outside of the model's functions");
  expect_words(&(sketch){.top = "local runs = 0",
                         .parameters = parameters,
                         .states = states,
                         .equations = "runs = runs + 1 y = runs d.A = 0 d.B = 0",
                         .outputs = ""},
               "variable y: differs");
}

static void test_what_is_fine(void **state) {
  (void)state;
  // Lua may decide on what it knows
  accept("local n = 3 if n == 3 then y = A else y = B end d.A = 0 d.B = 0");
  accept("local function f(a) if a.x ~= nil then return a.x end return B end y = f{ x = A } d.A = 0 d.B = 0");
  accept("local s = 0 for i, x in ipairs{ A, B } do s = s + i * x end y = s d.A = 0 d.B = 0");
  accept("n = 0 if n > 3 then y = 1 else y = 2 end d.A = 0 d.B = 0");
  accept("y = where(lt(A, B), A, B) d.A = -k * where(gt(A, 0), A, 0) d.B = 0");
  accept("y = lt(A, B) * 2 + negate(lt(A, B)) d.A = 0 d.B = 0");
  accept("y = math.max(A, 0) z = abs(A - B) d.A = 0 d.B = 0");
  // not a number, infinity and cancellation on the way are nobody's mistake
  accept("y = A / B z = 0 * (B / A) w = log(off) d.A = 0 d.B = 0");
  accept("local x = A / q(1, 'mg') y = (1e8 + x) - 1e8 z = x - x * (1 + 1e-16) w = exp(x) - exp(x) d.A = 0 d.B = 0");
  accept("local x = 1 for i = 1, 8 do x = x * A / q(1, 'mg') end y = x - B / q(1, 'mg') * x d.A = 0 d.B = 0");
  accept("y = floor(A / q(1, 'mg') * 3) * q(1, 'mg') d.A = 0 d.B = 0");
}

// -- random equations without a branch in Lua: none is refused, whatever overflows, cancels or is not a number on the
// way

static unsigned draw(unsigned *seed, unsigned n) {
  *seed = *seed * 1664525u + 1013904223u;
  return (*seed >> 12) % n;
}

static void add_expression(char *text, size_t size, unsigned *seed, int depth) {
  static const char *const leaves[] = {"x", "y", "off", "1", "0", "2.5", "(t / q(7, 'h'))", "(CL / q(1, 'L/h'))"};
  static const char *const shapes[] = {"(@ + @)",
                                       "(@ - @)",
                                       "(@ * @)",
                                       "(@ / @)",
                                       "(-@)",
                                       "exp(@)",
                                       "log(abs(@))",
                                       "sqrt(@)",
                                       "(@ ^ 2)",
                                       "(@ ^ @)",
                                       "tanh(@)",
                                       "sin(@)",
                                       "atan(@)",
                                       "floor(@)",
                                       "min(@, @)",
                                       "math.max(@, @)",
                                       "where(lt(@, @), @, @)",
                                       "hill(@, @, 3)",
                                       "negate(eq(@, @))",
                                       "interp(T, @)",
                                       "(@ * lt(@, @))"};
  if (depth == 0 || strlen(text) > size - 400) {
    strcat(text, leaves[draw(seed, 8)]);
    return;
  }
  for (const char *c = shapes[draw(seed, 21)]; *c; c++) {
    if (*c == '@')
      add_expression(text, size, seed, depth - 1);
    else
      strncat(text, c, 1);
  }
}

static void test_random_equations(void **state) {
  (void)state;
  unsigned seed = 7;
  for (int i = 0; i < 400; i++) {
    char text[6000] = "local x, y = A / q(1, 'mg'), B / q(1, 'mg') z = ";
    add_expression(text, sizeof text, &seed, 1 + i % 4);
    strcat(text, " d.A = z * q(1, 'mg/h') d.B = 0");
    write_model("small.lua", &(sketch){.top = "local T = wane.table{ x = {0, 1, 3}, y = {0, 10, -5}, kind = 'pchip' }",
                                       .parameters = parameters,
                                       .states = states,
                                       .equations = text,
                                       .outputs = " { 'z', '%', 'z' } "});
    wn_script *script;
    wn_error err = {0};
    if (wn_script_load(&test_env, "./small.lua", &script, &err)) fail_msg("%s\n%s", err.message, text);
    wn_script_destroy(script);
  }
}

static void test_initial_and_doses(void **state) {
  (void)state;
  expect_words(&(sketch){.states =
                             "\n { 'A', 'mg', 'a', initial = function() if t == 0 then return q(1, 'mg') end return "
                             "CL * q(1, 'mg*h/L') end } "},
               "small.lua:5: == or ~= compares");
  expect_words(&(sketch){.parameters = parameters,
                         .states = states,
                         .equations = "d.A = 0 d.B = 0",
                         .outputs = "",
                         .doses = " { 'D', 'mg', 'd', into = 'A', F = function() return off and 1 or 0.5 end } "},
               "small.lua:5: 'if', 'and', 'or' or 'not' asks");
  expect_words(
      &(sketch){.parameters = parameters,
                .states = states,
                .equations = "d.A = 0 d.B = 0",
                .outputs = "",
                .doses = " { 'D', 'mg', 'd', into = 'A', lag = function() return off == 0 and 0 or 1 / k end } "},
      "small.lua:5: == or ~= compares");
  expect_words(&(sketch){.doses =
                             " { 'D', 'mg', 'd', into = 'A', amount = function(dose) if dose == 1 then return 2 * dose "
                             "end return dose end } "},
               "small.lua:5: == or ~= compares");
  expect_words(
      &(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', amount = function(dose) return dose * dose / q(1, 'mg') "
                         "end } "},
      "amount of D: not proportional to the dose: a dose of 2.5 gives 6.25, expected 2.5 times that of 1, 2.5");
  expect_words(
      &(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', amount = function(dose) return dose + q(1, 'mg') end } "},
      "not proportional to the dose");
  expect_words(
      &(sketch){.doses = " { 'D', 'mg', 'd', into = 'A', amount = function(dose) return min(dose, q(50, 'mg')) end } "},
      "not proportional to the dose: a dose of 400");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_equality),
      cmocka_unit_test(test_and_or),
      cmocka_unit_test(test_not),
      cmocka_unit_test(test_if),
      cmocka_unit_test(test_kept_values),
      cmocka_unit_test(test_what_is_fine),
      cmocka_unit_test(test_initial_and_doses),
      cmocka_unit_test(test_random_equations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
