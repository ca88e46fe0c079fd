// The sandbox: what a file may not do, that it always ends, that errors come out as one line, and that a failed
// allocation at any step leaves nothing behind.
#include "script/files.h"
#include "script/sandbox.h"

#include "base/memory.h"
#include "base/pool.h"

#include <lauxlib.h>

typedef struct snippet {
  const char *text;
  double number;
} snippet;

static void run_snippet(lua_State *L, void *context) {
  snippet *s = context;
  if (luaL_loadbufferx(L, s->text, strlen(s->text), "@snippet.lua", "t") != LUA_OK) lua_error(L);
  lua_call(L, 0, 1);
  s->number = lua_tonumber(L, -1);
}

static wn_status run(const char *text, double *number, wn_error *err) {
  *err = (wn_error){0};
  lua_State *L = wn_sandbox_create(NULL, err);
  assert_non_null(L);
  snippet s = {text, 0};
  wn_status status = wn_sandbox_run(L, run_snippet, &s, err);
  if (number) *number = s.number;
  // a state that was stopped can be used again, with a fresh budget
  snippet again = {"return 7", 0};
  assert_int_equal(wn_sandbox_run(L, run_snippet, &again, err->status ? NULL : err), WN_OK);
  assert_true(again.number == 7);
  wn_sandbox_destroy(L);
  return status;
}

static void expect_number(const char *text, double number) {
  wn_error err;
  double got = 0;
  if (run(text, &got, &err)) fail_msg("%s: %s", text, err.message);
  if (got != number) fail_msg("%s: %g", text, got);
}

static void expect_error(const char *text, const char *words) {
  wn_error err;
  if (!run(text, NULL, &err)) fail_msg("%s: no error", text);
  assert_int_equal(err.status, WN_ERR_USER);
  if (!strstr(err.message, words)) fail_msg("%s: %s", text, err.message);
  assert_null(strchr(err.message, '\n'));
}

static void test_what_is_there(void **state) {
  (void)state;
  expect_number("return math.floor(3.7) + #string.rep('ab', 3) + select('#', 1, 2, 3)", 12);
  expect_number("local t = {3, 1, 2} table.sort(t) table.insert(t, 1, 9) return t[1] * 10 + t[2]", 91);
  expect_number("return #table.concat({'a', 'b', 'c'}, ', ')", 7);
  expect_number("return select(2, table.unpack({4, 5, 6}))", 5);
  expect_number("local t = table.move({1, 2, 3}, 1, 3, 2, {}) return t[4]", 3);
  expect_number("local t = {1, 2, 3} table.remove(t, 1) return t[1]", 2);
  expect_number("return tonumber(('22:00'):match('^(%d+):'))", 22);
  expect_number("local n = 0 for w in ('one two three'):gmatch('%a+') do n = n + #w end return n", 11);
  expect_number("return #(('x'):gsub('x', 'yy'))", 2);
  expect_number("return ('abc'):byte(-1) + utf8.codepoint('a')", 99 + 97);
  expect_number("return select(2, pcall(error, 5))", 5);
  expect_number("local ok, v = xpcall(function() error('no', 0) end, function(m) return #m end) return v", 2);
  expect_number("local ok, v = xpcall(function(a, b) return a + b end, print or error, 2, 3) return v", 5);
  expect_number("return setmetatable({}, { __index = function() return 4 end }).anything", 4);
}

static void test_what_is_not_there(void **state) {
  (void)state;
  static const char *const names[] = {"io",          "os",
                                      "debug",       "load",
                                      "loadstring",  "loadfile",
                                      "dofile",      "collectgarbage",
                                      "print",       "package",
                                      "coroutine",   "warn",
                                      "_G",          "string.dump",
                                      "string.pack", "string.unpack",
                                      "math.random", "math.randomseed"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char text[200];
    snprintf(text, sizeof text, "if %s ~= nil then return 1 end return 0", names[i]);
    expect_number(text, 0);
  }
  // not through a text's metatable either
  expect_number("return getmetatable('') == false and ('').dump == nil and 1 or 0", 1);
  expect_error("setmetatable('', {})", "table expected");
  expect_error("getmetatable('').__index = nil", "attempt to index a boolean");
}

static void test_endless_work_ends(void **state) {
  (void)state;
  static const char *const texts[] = {
      "while true do end",
      "repeat until false",
      "::again:: goto again",
      "for i = 1, math.huge do end",
      "local function f() return f() end f()",
      // swallowed once, twice, for ever
      "pcall(function() while true do end end)",
      "while true do pcall(function() while true do end end) end",
      "local function f() pcall(f) while true do end end f()",
      "xpcall(function() while true do end end, function() while true do end end)",
      "pcall(pcall, pcall, function() while true do end end) while true do end",
      "local ok = pcall(function() local x <close> = setmetatable({}, {__close = function() while true do end end})"
      " while true do end end) while true do end",
      "local t = setmetatable({}, {__index = function(t, k) while true do end end}) pcall(function() return t.x end)",
      "local t = {} table.sort({3, 2, 1}, function() while true do end end)",
      "('x'):rep(100):gsub('x', function() while true do end end)",
      "local t = setmetatable({}, {__tostring = function() while true do end end}) tostring(t)",
      "local s = ('x'):rep(1000000) while true do local t = s .. 'y' end",
      "local s = ('x'):rep(1000000) while true do s:upper() end",
      "local t = {} for i = 1, 100000 do t[i] = i end while true do table.insert(t, 1, 0) table.remove(t, 1) end",
      "local t = {} for i = 1, 100000 do t[i] = 'x' end while true do table.concat(t) end",
      "local t = {} for i = 1, 9000 do t[i] = i end while true do table.unpack(t) end",
      "while true do ('x'):rep(1000):find('y') end",
  };
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) expect_error(texts[i], "the file works too long");
  // with the line
  expect_error("local a = 1\n\nwhile true do end", "snippet.lua:3: stopped");
}

static void test_long_loops_in_c(void **state) {
  (void)state;
  expect_error("table.move({}, 1, math.maxinteger - 1, 2)", "a range of more than");
  expect_error("table.unpack({}, 1, 1e7)", "a range of more than");
  expect_error("table.unpack({}, math.mininteger, math.maxinteger)", "a range of more than");
  expect_error("table.concat({}, '', 1, 1e15)", "a range of more than");
  expect_error("table.insert(setmetatable({}, {__len = function() return 1 << 60 end}), 1, 0)", "plain table");
  expect_error("table.sort(setmetatable({}, {__len = function() return 1 << 30 end}))", "plain table");
  expect_error("table.move({}, 1, 2, 3, setmetatable({}, {}))", "plain table");
  expect_error("('x'):rep(100000):byte(1, -1)", "a range of more than");
  expect_error("utf8.codepoint(('x'):rep(100000), 1, -1)", "a range of more than");
}

static void test_patterns(void **state) {
  (void)state;
  expect_error("(('a'):rep(30)):find(('a?'):rep(30) .. ('a'):rep(30))", "may take too long");
  expect_error("(('a'):rep(5000)):find('.-.-.-b')", "may take too long");
  expect_error("(('a'):rep(5000)):match('(.*)(.*)(.*)b')", "may take too long");
  expect_error("(('a'):rep(5000)):gsub('.*.*b', '')", "may take too long");
  expect_error("(('a'):rep(5000)):gmatch('.*.*b')", "may take too long");
  expect_error("(('('):rep(100000)):find('%b()%b()')", "may take too long");
  expect_error("(('a'):rep(500000)):find(('a'):rep(250000) .. 'b', 1, true)", "may take too long");
  expect_error("('x'):find('[')", "malformed pattern");
}

static void test_memory(void **state) {
  (void)state;
  expect_error("local t = {} for i = 1, 1e9 do t[i] = {} end", "more than 64 MiB");
  expect_error("local t = {} for i = 1, 200 do t[i] = ('x'):rep(900000) .. i end", "more than 64 MiB");
  expect_error("return ('x'):rep(1e9)", "more than 1048576 bytes");
  expect_error("return ('x'):rep(1e9, 'y')", "more than 1048576 bytes");
  expect_error("local s = 'x' while true do s = s .. s end", "more than 1048576 bytes");
  expect_number("return #(''):rep(1e18)", 0);
  // a file may catch it, and the cap holds
  expect_number("local ok = pcall(function() local t = {} for i = 1, 1e9 do t[i] = {} end end) return ok and 0 or 1",
                1);
}

static void test_recursion(void **state) {
  (void)state;
  expect_error("local function f() return 1 + f() end f()", "more than 64 MiB");
  expect_error(
      "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k + 1] end return t[1]",
      "overflow");
  expect_number("local function f() pcall(f) end f() return 2", 2);
}

static void test_finalizers(void **state) {
  (void)state;
  expect_error("setmetatable({}, {__gc = function() while true do end end})", "__gc is not available");
  // added later, Lua does not look at it
  expect_number("local m = {} local t = setmetatable({}, m) m.__gc = function() while true do end end t = nil return 3",
                3);
}

static void test_errors(void **state) {
  (void)state;
  expect_error("local x = nil\nreturn x.y", "snippet.lua:2: attempt to index a nil value");
  expect_error("error('so\\nso')", "snippet.lua:1: so so");
  expect_error("error('plain', 0)", "plain");
  expect_error("error({})", "error() was called with a table instead of a text");
  expect_error("error()", "error() was called with a nil instead of a text");
  expect_error("error(setmetatable({}, {__tostring = function() while true do end end}))", "with a table");
  expect_error("return = 3", "snippet.lua:1: unexpected symbol");
  expect_error("error(('x'):rep(5000))", "...");
}

static void test_interrupt(void **state) {
  (void)state;
  wn_error err = {0};
  wn_interrupt_set(true);
  lua_State *L = wn_sandbox_create(NULL, &err);
  assert_non_null(L);
  snippet s = {"while true do pcall(function() while true do end end) end", 0};
  assert_int_equal(wn_sandbox_run(L, run_snippet, &s, &err), WN_ERR_INTERRUPT);
  wn_interrupt_set(false);
  wn_sandbox_destroy(L);
}

static void fail_body(lua_State *L, void *context) { wn_lua_rethrow(L, context); }

static void nested_body(lua_State *L, void *context) {
  wn_error inner = {0};
  wn_status status = wn_sandbox_run(L, fail_body, context, &inner);
  assert_int_equal(status, ((wn_error *)context)->status);
  assert_int_equal(lua_gettop(L), 0);
  wn_lua_fail(L, "outer: %s", inner.message);
}

// a status from another room goes through Lua unharmed, and is not mistaken for a later error's
static void test_status_through_lua(void **state) {
  (void)state;
  wn_error err = {0}, thrown;
  lua_State *L = wn_sandbox_create(NULL, &err);
  assert_non_null(L);
  wn_fail(&thrown, WN_ERR_IO, "disk on fire");
  assert_int_equal(wn_sandbox_run(L, fail_body, &thrown, &err), WN_ERR_IO);
  assert_string_equal(err.message, "disk on fire");
  assert_int_equal(wn_sandbox_run(L, nested_body, &thrown, &err), WN_ERR_USER);
  assert_string_equal(err.message, "outer: disk on fire");
  assert_int_equal(wn_sandbox_run(L, fail_body, &thrown, NULL), WN_ERR_IO);
  wn_sandbox_destroy(L);
  wn_sandbox_destroy(NULL);
}

static void test_failed_allocations(void **state) {
  (void)state;
  long n = 0;
  for (wn_status status = WN_ERR_MEMORY; status; n++) {
    wn_error err = {0};
    assert_true(n < 5000);
    wn_alloc_fail_after(n);
    lua_State *L = wn_sandbox_create(NULL, &err);
    if (L) {
      snippet s = {"local t = {} for i = 1, 20 do t[i] = ('x'):rep(i) .. 'y' end return #table.concat(t)", 0};
      status = wn_sandbox_run(L, run_snippet, &s, &err);
      wn_alloc_fail_after(-1);
      wn_sandbox_destroy(L);
      if (!status) assert_true(s.number == 230);
    }
    if (status && err.status != WN_ERR_MEMORY) fail_msg("at %ld: %s", n, err.message);
  }
  wn_alloc_fail_after(-1);
  assert_true(n > 100);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_what_is_there),
      cmocka_unit_test(test_what_is_not_there),
      cmocka_unit_test(test_endless_work_ends),
      cmocka_unit_test(test_long_loops_in_c),
      cmocka_unit_test(test_patterns),
      cmocka_unit_test(test_memory),
      cmocka_unit_test(test_recursion),
      cmocka_unit_test(test_finalizers),
      cmocka_unit_test(test_errors),
      cmocka_unit_test(test_interrupt),
      cmocka_unit_test(test_status_through_lua),
      cmocka_unit_test(test_failed_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
