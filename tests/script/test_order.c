// The order of a table's keys is the same in every state, whatever order they were put in; no text holds an address.
#include "model/model.h"
#include "script/models.h"
#include "script/sandbox.h"
#include <lauxlib.h>

typedef struct request {
  const char *code;
  char got[2000];
} request;

static void body(lua_State *L, void *context) {
  request *r = context;
  if (luaL_loadbufferx(L, r->code, strlen(r->code), "=code", "t") != LUA_OK) lua_error(L);
  lua_call(L, 0, 1);
  snprintf(r->got, sizeof r->got, "%s", lua_tostring(L, -1));
}

// what a file's text returns in a fresh state; "error: ..." when it fails
static void run(request *r) {
  wn_error err = {0};
  lua_State *L = wn_sandbox_create(NULL, &err);
  assert_non_null(L);
  if (wn_sandbox_run(L, body, r, &err)) snprintf(r->got, sizeof r->got, "error: %s", err.message);
  wn_sandbox_destroy(L);
}

static void expect_text(const char *code, const char *text) {
  for (int i = 0; i < 20; i++) {
    request r = {.code = code};
    run(&r);
    assert_string_equal(r.got, text);
  }
}

#define LIST "local s = '' for k, v in pairs(t) do s = s .. tostring(k) .. '=' .. tostring(v) .. ' ' end return s"

static void test_pairs(void **state) {
  (void)state;
  expect_text(
      "local t = { b = 1, a = 2, ab = 3, [2] = 4, [1] = 5, [-1] = 6, [1.5] = 7, [true] = 8, [false] = 9 } " LIST,
      "-1=6 1=5 1.5=7 2=4 a=2 ab=3 b=1 false=9 true=8 ");
  expect_text("local t = {} for i = 1, 40 do t['k' .. (i * 7) % 40] = 1 end local last, n = '', 0 "
              "for k in pairs(t) do assert(k > last) last = k n = n + 1 end return n",
              "40");
  expect_text("local t = {} for i = 40, 1, -1 do t[(i * 7) % 41] = 1 end local last = 0 "
              "for k in pairs(t) do assert(k > last) last = k end return last",
              "40");
  expect_text("local t = {} " LIST, "");
  // what Lua lets a loop do to its table
  expect_text("local t = { a = 1, b = 2, c = 3 } local s = '' for k in pairs(t) do s = s .. k t[k] = nil end return s",
              "abc");
  expect_text("local t = { a = 1, b = 2, c = 3 } local s = '' for k in pairs(t) do s = s .. k t.b = nil end return s",
              "ac");
  expect_text("local t = { a = 1, b = 2 } for k, v in pairs(t) do t[k] = v * 2 end return t.a + t.b", "6");
  expect_text("local t = setmetatable({}, { __pairs = function() return function(_, k) if not k then return 'x', 1 end "
              "end, t, nil end }) " LIST,
              "x=1 ");
  expect_text("local key = {} local t = { [key] = 1, a = 2 } local n = 0 for k in pairs(t) do n = n + 1 end return n",
              "2");
  expect_text("local t = { [{}] = 1, [{}] = 2 } " LIST,
              "error: code:1: the order of several keys that are a table is not the same in every run; use a list");
}

static void test_next(void **state) {
  (void)state;
  expect_text("local t = { b = 1, a = 2, [3] = 4 } local s, k, v = '' repeat k, v = next(t, k) "
              "s = s .. tostring(k) .. tostring(v) .. ' ' until k == nil return s",
              "34 a2 b1 nilnil ");
  expect_text("return tostring(next({}))", "nil");
}

static void test_no_addresses(void **state) {
  (void)state;
  expect_text("return tostring({}) .. ' ' .. tostring(print or pairs) .. ' ' .. tostring(1.5) .. tostring(nil)",
              "table function 1.5nil");
  expect_text("return string.format('%s %5.1f %q %s', {}, 2, 'x', pairs)", "table   2.0 \"x\" function");
  expect_text("return ('%s'):format(setmetatable({}, { __tostring = function() return 'own' end }))", "own");
  expect_text("return string.format('%-10p', {})",
              "error: code:1: string.format: %p is not available: an address differs in every run");
  expect_text("return string.format('%%p')", "%p");
}

// a model whose parameters are listed with pairs has them in one order in every script: a sweep's workers agree
static void test_model(void **state) {
  (void)state;
  char first[4000] = "";
  for (int i = 0; i < 12; i++) {
    wn_script *script = load_sketch(&(sketch){
        .top = "local made = {} for name, value in pairs{ CL = 2, V = 10, KA = 1, KE = 3, Q = 4, VP = 5 } do "
               "made[#made + 1] = { name, value, name == 'V' and 'L' or 'L/h', name, 'assumed', 'example' } end",
        .parameters = " table.unpack(made) "});
    const wn_model *model = wn_script_model(script);
    char names[4000] = "";
    for (int k = 0; k < model->n_param; k++) strcat(strcat(names, model->param[k].name), " ");
    if (i == 0) strcpy(first, names);
    assert_string_equal(names, first);
    wn_script_destroy(script);
  }
  assert_string_equal(first, "CL KA KE Q V VP ");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_pairs),
      cmocka_unit_test(test_next),
      cmocka_unit_test(test_no_addresses),
      cmocka_unit_test(test_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
