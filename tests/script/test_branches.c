// Every branch of Lua on a value of the model is refused at its line, also where no number that replay tries would show
// it: helpers, parts, nested functions, functions of doses; what Lua may decide is not.
#include "script/models.h"

// a twice as fast elimination once the gut is empty: at any point with a number in both states the branch does not show
#define HOLE(condition) "C = B / V\nlocal k = CL\n" condition "\nd.A = -q(1, '1/h') * A\nd.B = q(1, '1/h') * A - k * C"
static const char states[] = " { 'A', 'mg', 'a' }, { 'B', 'mg', 'b' } ";

static void refuse(const char *equations, const char *words) {
  expect_words(&(sketch){.states = states, .equations = equations}, words);
}

static void accept(const char *equations) {
  wn_script_destroy(load_sketch(&(sketch){.states = states, .equations = equations}));
}

static void test_kinds(void **state) {
  (void)state;
  refuse(HOLE("if A == 0 then k = 2 * CL end"), "small.lua:10: == or ~= compares a value of the model");
  refuse(HOLE("if 0 == A then k = 2 * CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if C == 0 then k = 2 * CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if CL == 0 then k = CL + CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if t == 0 then k = 2 * CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if clock == 8 then k = 2 * CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if A ~= 12345.678 then k = CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("local n = 7 if A == n then k = 2 * CL end"), "small.lua:10: == or ~=");
  refuse(HOLE("if A then k = CL end"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("k = A == 0 and 2 * CL or CL"), "small.lua:10: == or ~=");
  refuse(HOLE("k = lt(A, B) and CL or 2 * CL"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("k = A and CL"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("while A do break end"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("repeat local n = 1 until A"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("if not A then k = 2 * CL end"), "small.lua:10: 'if', 'and', 'or' or 'not' asks");
  refuse(HOLE("local no = not A"), "small.lua:10: 'not' asks");
  refuse(HOLE("k = ({ [0] = 2 * CL })[A] or CL"), "small.lua:10: a value of the model cannot be a key");
  refuse(HOLE("local seen = {} seen[A] = 1"), "small.lua:10: a value of the model cannot be a key");
  refuse(HOLE("if rawequal(A, 0) then k = 2 * CL end"), "small.lua:10: cannot compare");
}

static void test_nothing_is_swallowed(void **state) {
  (void)state;
  refuse(HOLE("pcall(function() if A < B then k = 2 * CL end end)"), "small.lua:10: cannot compare");
  refuse(HOLE("pcall(function() if A == 0 then k = 2 * CL end end)"), "small.lua:10: == or ~=");
  refuse(HOLE("if pcall(function() return A == B end) then k = CL end"), "small.lua:10: cannot compare");
  refuse(HOLE("xpcall(function() return A.x end, function() k = 2 * CL end)"),
         "small.lua:10: a value of the model has");
}

static void test_helpers(void **state) {
  (void)state;
  const char *uses = HOLE("k = pick(A, CL)");
  expect_words(&(sketch){.top = "local function pick(x, k) if x == 0 then return 2 * k end return k end",
                         .states = states,
                         .equations = uses},
               "small.lua:1: == or ~=");
  expect_words(&(sketch){.top = "local set = { pick = function(x, k) return x and k end }",
                         .states = states,
                         .equations = HOLE("k = set.pick(A, CL)")},
               "small.lua:1: 'if', 'and', 'or' or 'not' asks");
  mkdir("parts", 0755);
  write_file("parts/pick.lua", "local function inner(x)\n  return x == 0\nend\n"
                               "return { pick = function(x, k)\n  if inner(x) then return 2 * k end return k\nend }\n");
  expect_words(
      &(sketch){.top = "local set = require 'parts.pick'", .states = states, .equations = HOLE("k = set.pick(A, CL)")},
      "parts/pick.lua:2: == or ~=");
  // functions made while the equations run, and with many lines between
  refuse("local function f(x)\n\n\n\n\n  local function g() return x ~= 3 end return g() and 1 or 2 end\n"
         "y = f(A) C = B / V d.A = 0 * A / q(1, 'h') d.B = 0",
         "small.lua:13: == or ~=");
  char many[8000] = "C = B / V d.A = 0 d.B = 0\nlocal s = 0\n";
  for (int i = 0; i < 300; i++) strcat(many, "s = s + 1\n");
  strcat(many, "if B == 0 then s = 1 end");
  refuse(many, "small.lua:310: == or ~=");
}

static void test_doses(void **state) {
  (void)state;
  expect_words(&(sketch){.states = " { 'A', 'mg', 'a' } ",
                         .doses = " { 'D', 'mg', 'd', into = 'A', F = function() return CL == 77 and 1 or 1 end } "},
               "small.lua:5: == or ~=");
}

static void test_what_lua_may_decide(void **state) {
  (void)state;
  accept(HOLE("local n = 3 if n == 3 and n ~= 4 then k = 2 * CL end"));
  accept(HOLE("local flags = { fast = true } if flags.fast and not flags.slow then k = 2 * CL end"));
  accept(HOLE("local function f(x) if x ~= nil then return x end return CL end k = f(A / A * CL)"));
  accept(HOLE("local kind = 'x' if A == kind then k = 2 * CL end"));
  accept(HOLE("for _, x in ipairs{ CL, CL } do k = k + x end"));
  accept(HOLE("local rate = { low = CL, high = 2 * CL } k = rate['high']"));
  accept(HOLE("k = where(eq(A, 0), 2 * CL, CL)"));
  accept(HOLE("k = CL * negate(lt(A, B))"));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_kinds), cmocka_unit_test(test_nothing_is_swallowed), cmocka_unit_test(test_helpers),
      cmocka_unit_test(test_doses), cmocka_unit_test(test_what_lua_may_decide),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
