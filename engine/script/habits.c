// habits.c - how people take their doses, as methods of regimens: late, weekend, miss, holiday, halves. Each gives a
// new regimen whose records carry one habit more. Invariant: nothing is drawn here; the engine draws for each person.

#include "script/regimen_impl.h"

#include "base/rng.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { ARGUMENTS = 2 };  // stack index of the table

// A method that is running: its fields are in the table at ARGUMENTS.
typedef struct method {
  lua_State *L;
  wn_operation o;
  wn_habit habit;
} method;

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, "name", NULL})

static void begin(method *m, lua_State *L, const char *name, wn_habit_kind kind, const char *const *fields) {
  *m = (method){.L = L, .habit = {.kind = kind}};
  lua_settop(L, ARGUMENTS);
  wn_regimen_operand(&m->o, L, name);
  if (!lua_istable(L, ARGUMENTS)) wn_take_fail(L, ARGUMENTS, &m->o.place, NULL, "fields in braces");
  wn_lua_check_fields(L, ARGUMENTS, fields, 0, &m->o.place);
  // draws of one name are the same for all regimens of a person: what is forgotten together
  char key[96];
  snprintf(key, sizeof key, "dose %s", wn_take_field_text(L, ARGUMENTS, "name", name, &m->o.place));
  m->habit.name = wn_rng_name(key);
}

static double field(const method *m, const char *name, wn_take *take, double fallback) {
  return wn_take_field(m->L, ARGUMENTS, name, take, fallback, &m->o.place);
}

static double within(const method *m, const char *name, double value, double low, double high) {
  if (!(value >= low && value <= high))
    wn_place_fail(m->L, &m->o.place, "%s: expected %g to %g, got %g", name, low, high, value);
  return value;
}

static double share(const method *m, const char *name, double fallback) {
  return within(m, name, field(m, name, wn_take_number, fallback), 0, 1);
}

// the regimen with the habit added to every record; doses are counted through its records
static int give(const method *m) {
  const wn_regimen *from = m->o.r;
  wn_regimen *made = wn_regimen_push(m->L, from->n);
  int number = 1;
  for (int i = 0; i < from->n; i++) {
    wn_dose_record *r = &made->list[i];
    *r = from->list[i];
    if (r->n_habit == WN_MAX_HABIT)
      wn_place_fail(m->L, &m->o.place, "expected at most %d habits on a regimen", WN_MAX_HABIT);
    if (r->number == 0) r->number = number;
    number = r->number + r->addl + 1;
    r->habit[r->n_habit++] = m->habit;
  }
  return 1;
}

static int late(lua_State *L) {
  method m;
  begin(&m, L, "late", WN_HABIT_LATE, FIELDS("sd", "by", "median", "factor"));
  bool is_log = wn_take_given(L, ARGUMENTS, "median"), is_normal = wn_take_given(L, ARGUMENTS, "sd");
  if (is_log == is_normal)
    wn_place_fail(L, &m.o.place, "expected either sd = \"20min\" or median = \"20min\", factor = 2; got %s",
                  is_log ? "both" : "neither");
  m.habit.is_log = is_log;
  if (is_log) {
    m.habit.by = field(&m, "median", wn_take_span, NAN);
    m.habit.spread = log(within(&m, "factor", field(&m, "factor", wn_take_number, NAN), 1, 100));
    if (wn_take_given(L, ARGUMENTS, "by"))
      wn_place_fail(L, &m.o.place, "by: goes with sd; with median it is the median");
  } else {
    m.habit.spread = within(&m, "sd", field(&m, "sd", wn_take_duration, NAN), 0, WN_MAX_HOURS);
    m.habit.by = field(&m, "by", wn_take_duration, 0);
    if (wn_take_given(L, ARGUMENTS, "factor")) wn_place_fail(L, &m.o.place, "factor: goes with median");
  }
  return give(&m);
}

static int weekend(lua_State *L) {
  method m;
  begin(&m, L, "weekend", WN_HABIT_WEEKDAY, FIELDS("by", "days"));
  m.habit.by = field(&m, "by", wn_take_duration, NAN);
  int n = wn_take_push_list(L, ARGUMENTS, "days", &m.o.place), list = lua_gettop(L);
  m.habit.week = n ? 0 : 3u << 5;
  for (int i = 1; i <= n; i++) {
    double day = wn_take_entry(L, list, i, wn_take_day, &m.o.place, "days");
    m.habit.week |= 1u << (int)(within(&m, "days", day, 1, 7) - 1);
  }
  return give(&m);
}

static int miss(lua_State *L) {
  method m;
  begin(&m, L, "miss", WN_HABIT_MISS, FIELDS("p", "again", "doubled"));
  m.habit.p = share(&m, "p", NAN);
  m.habit.again = share(&m, "again", m.habit.p);
  m.habit.doubled = share(&m, "doubled", 0);
  return give(&m);
}

static int holiday(lua_State *L) {
  method m;
  begin(&m, L, "holiday", WN_HABIT_HOLIDAY, FIELDS("p", "days"));
  m.habit.p = share(&m, "p", NAN);
  m.habit.days = field(&m, "days", wn_take_days, NAN);
  return give(&m);
}

static int halves(lua_State *L) {
  method m;
  begin(&m, L, "halves", WN_HABIT_SPLIT, FIELDS("cv"));
  m.habit.spread = share(&m, "cv", NAN);
  return give(&m);
}

void wn_habits_open(lua_State *L) {
  static const luaL_Reg methods[] = {{"late", late},       {"weekend", weekend}, {"miss", miss},
                                     {"holiday", holiday}, {"halves", halves},   {NULL, NULL}};
  luaL_setfuncs(L, methods, 0);
}
