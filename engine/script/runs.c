// runs.c - a finished simulation as a value of the validation language: `r:max("C", from, to)` and the like. Invariant:
// a run borrows its result, which validate.c keeps until the Lua state is done with it.

#include "script/runs.h"

#include "base/text.h"
#include "script/samples.h"
#include "script/take.h"

#include <lauxlib.h>
#include <math.h>
#include <string.h>

#define METATABLE "wane.run"

typedef struct run {
  const wn_result *result;
  int series;
  char name[64];
} run;

static const wn_model *model_of(const run *r) { return r->result->scenario->model; }

// A call of a method: argument 1 is the run, 2 mostly the name of a column.
typedef struct call {
  const run *r;
  wn_place place;
  char file[64];
  wn_curve curve;
} call;

static void begin(call *c, lua_State *L, const char *method) {
  c->place = (wn_place){.file = c->file};
  if (!wn_lua_place(L, c->file, &c->place.line)) strcpy(c->file, "validation");
  wn_place_call(&c->place, "%s", method);
  c->r = luaL_testudata(L, 1, METATABLE);
  if (!c->r) wn_take_fail(L, 1, &c->place, NULL, "a run, as in run:max(\"C\")");
  wn_place_call(&c->place, "%s:%s", c->r->name, method);
}

// nearest offered among outputs and states
static _Noreturn void fail_column(lua_State *L, const call *c, const char *name) {
  const wn_model *model = model_of(c->r);
  enum { MAX_NAMES = 512 };
  const char *names[MAX_NAMES];
  int n = 0;
  for (int i = 0; i < model->n_output && n < MAX_NAMES; i++) names[n++] = model->output[i].name;
  for (int i = 0; i < model->n_state && n < MAX_NAMES; i++) names[n++] = model->state[i].name;
  const char *nearest = wn_nearest(name, names, n);
  wn_place_fail(L, &c->place, "unknown output or state '%s'%s%s", name, nearest ? "; try " : "",
                nearest ? nearest : "");
}

// the curve of the output or, if there is none of that name, the state named by argument 2
static void begin_curve(call *c, lua_State *L, const char *method) {
  begin(c, L, method);
  const wn_result *result = c->r->result;
  const char *name = wn_take_text(L, 2, &c->place, "output");
  int output = wn_model_find_output(model_of(c->r), name), state = wn_model_find_state(model_of(c->r), name);
  if (output < 0 && state < 0) fail_column(L, c, name);
  size_t column = (size_t)(output >= 0 ? model_of(c->r)->n_state + output : state);
  size_t row = (size_t)c->r->series * (size_t)result->n_column + column;
  c->curve = (wn_curve){result->n_time, result->time, result->value + row * (size_t)result->n_time};
  wn_sandbox_charge(L, (size_t)result->n_time / 8);
}

static double first_time(const call *c) { return c->r->result->time[0]; }
static double last_time(const call *c) { return c->r->result->time[c->r->result->n_time - 1]; }

// the time in an argument; rounding in sums of hours may carry it past an end by a little
static double time_argument(lua_State *L, const call *c, int index, const char *label) {
  double t = wn_take_number(L, index, &c->place, label), low = first_time(c), high = last_time(c), slack = 1e-6;
  if (t < low - slack || t > high + slack)
    wn_place_fail(L, &c->place, "%s: expected a time in the run, %g to %g h, got %g", label, low, high, t);
  return fmin(fmax(t, low), high);
}

// the span in arguments index and index + 1; by default the whole run
static void span_argument(lua_State *L, const call *c, int index, double *from, double *to) {
  *from = lua_isnoneornil(L, index) ? first_time(c) : time_argument(L, c, index, "from");
  *to = lua_isnoneornil(L, index + 1) ? last_time(c) : time_argument(L, c, index + 1, "to");
  if (*to < *from) wn_place_fail(L, &c->place, "expected from before to, got %g to %g h", *from, *to);
}

static int give(lua_State *L, double value) {
  lua_pushnumber(L, value);
  return 1;
}

static int at(lua_State *L) {
  call c;
  begin_curve(&c, L, "at");
  return give(L, wn_curve_at(&c.curve, time_argument(L, &c, 3, "time")));
}

static int values(lua_State *L) {
  call c;
  begin_curve(&c, L, "values");
  if (!lua_istable(L, 3)) wn_take_fail(L, 3, &c.place, "times", "a list of times");
  lua_newtable(L);
  for (int i = 1, n = (int)lua_rawlen(L, 3); i <= n; i++) {
    lua_geti(L, 3, i);
    lua_pushnumber(L, wn_curve_at(&c.curve, time_argument(L, &c, -1, "times")));
    lua_rawseti(L, 4, i);
    lua_pop(L, 1);
  }
  return 1;
}

static int extreme(lua_State *L, const char *method, int sign) {
  call c;
  double from, to, time;
  begin_curve(&c, L, method);
  span_argument(L, &c, 3, &from, &to);
  lua_pushnumber(L, wn_curve_extreme(&c.curve, sign, from, to, &time));
  lua_pushnumber(L, time);
  return 2;
}

static int max(lua_State *L) { return extreme(L, "max", 1); }
static int min(lua_State *L) { return extreme(L, "min", -1); }

static int integral(lua_State *L) {
  call c;
  double from, to;
  begin_curve(&c, L, "integral");
  span_argument(L, &c, 3, &from, &to);
  return give(L, wn_curve_integral(&c.curve, from, to));
}

static int mean(lua_State *L) {
  call c;
  double from, to;
  begin_curve(&c, L, "mean");
  span_argument(L, &c, 3, &from, &to);
  if (from == to) return give(L, wn_curve_at(&c.curve, from));
  return give(L, wn_curve_integral(&c.curve, from, to) / (to - from));
}

static int half_life(lua_State *L) {
  call c;
  begin_curve(&c, L, "half_life");
  double from = time_argument(L, &c, 3, "from"), to = time_argument(L, &c, 4, "to");
  double ratio = wn_curve_at(&c.curve, from) / wn_curve_at(&c.curve, to);
  return give(L, log(2) * (to - from) / log(ratio));
}

// quantities of a level: a function of samples.h with a sign
typedef double level_function(const wn_curve *curve, int sign, double level, double from, double to);

static int with_level(lua_State *L, const char *method, level_function *function, int sign) {
  call c;
  double from, to;
  begin_curve(&c, L, method);
  double level = wn_take_number(L, 3, &c.place, "level");
  span_argument(L, &c, 4, &from, &to);
  return give(L, function(&c.curve, sign, level, from, to));
}

static int hours_above(lua_State *L) { return with_level(L, "hours_above", wn_curve_hours, 1); }
static int hours_below(lua_State *L) { return with_level(L, "hours_below", wn_curve_hours, -1); }
static int first_above(lua_State *L) { return with_level(L, "first_above", wn_curve_first, 1); }
static int first_below(lua_State *L) { return with_level(L, "first_below", wn_curve_first, -1); }
static int last_above(lua_State *L) { return with_level(L, "last_above", wn_curve_last, 1); }
static int last_below(lua_State *L) { return with_level(L, "last_below", wn_curve_last, -1); }

static int param(lua_State *L) {
  call c;
  begin(&c, L, "param");
  int i;
  wn_error err;
  if (wn_model_require_param(model_of(c.r), wn_take_text(L, 2, &c.place, "name"), &i, &err))
    wn_take_rethrow(L, &c.place, NULL, &err);
  return give(L, c.r->result->scenario->arm[c.r->series].param[i]);
}

static const luaL_Reg methods[] = {
    {"at", at},
    {"values", values},
    {"max", max},
    {"min", min},
    {"integral", integral},
    {"mean", mean},
    {"half_life", half_life},
    {"hours_above", hours_above},
    {"hours_below", hours_below},
    {"first_above", first_above},
    {"first_below", first_below},
    {"last_above", last_above},
    {"last_below", last_below},
    {"param", param},
    {NULL, NULL},
};

// __index of runs: r.start, r.stop, or a method from the guarded table in the upvalue
static int field(lua_State *L) {
  const run *r = luaL_checkudata(L, 1, METATABLE);
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tostring(L, 2) : "";
  if (strcmp(name, "start") == 0) return give(L, r->result->time[0]);
  if (strcmp(name, "stop") == 0) return give(L, r->result->time[r->result->n_time - 1]);
  lua_settop(L, 2);
  lua_gettable(L, lua_upvalueindex(1));
  return 1;
}

void wn_run_open(lua_State *L) {
  luaL_newmetatable(L, METATABLE);
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  wn_take_guard(L, "method of a run");
  lua_pushcclosure(L, field, 1);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

void wn_run_push(lua_State *L, const char *name, const wn_result *result, int series) {
  run *r = lua_newuserdatauv(L, sizeof *r, 0);
  *r = (run){.result = result, .series = series};
  strncpy(r->name, name, sizeof r->name - 1);
  luaL_setmetatable(L, METATABLE);
}
