// regimen.c - the regimen builders and operations. Invariant: a regimen is a list of records whose repetitions are ii
// apart; amounts and compartments stay as written until wn_regimen_doses meets the model. Knows no simulation.

#include "script/regimen_impl.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define METATABLE "wane.regimen"

typedef wn_dose_record record;
typedef wn_regimen regimen;

regimen *wn_regimen_push(lua_State *L, int n) {
  regimen *r = lua_newuserdatauv(L, sizeof *r + (size_t)n * sizeof(record), 0);
  r->n = n;
  luaL_setmetatable(L, METATABLE);
  return r;
}

// where the running call was written, as the place of its messages
static wn_place place_of_call(lua_State *L, const char *what, char file[64]) {
  wn_place place = {.file = file};
  if (!wn_lua_place(L, file, &place.line)) strcpy(file, "regimen");
  wn_place_add(&place, what);
  return place;
}

// A call of a builder: its argument table is at stack index 1, the fields' values lie from stack index `first` on.
typedef struct call {
  lua_State *L;
  const char *builder;
  const char *const *fields;
  int first;
  wn_place place;
  char file[64];
} call;

static void begin(call *c, lua_State *L, const char *builder, const char *const *fields, int n_position) {
  c->L = L;
  c->builder = builder;
  c->fields = fields;
  c->place = place_of_call(L, builder, c->file);
  lua_settop(L, 1);
  if (!lua_istable(L, 1)) wn_take_fail(L, 1, &c->place, NULL, "fields in braces like { dose = 4.5, at = \"22:00\" }");
  c->first = wn_lua_push_fields(L, 1, fields, n_position, &c->place);
}

// the stack index of a field's value
static int index_of(const call *c, const char *name) {
  int i = 0;
  while (strcmp(c->fields[i], name) != 0) i++;
  return c->first + i;
}

static bool is_given(const call *c, const char *name) { return !lua_isnil(c->L, index_of(c, name)); }

static double field(const call *c, const char *name, wn_take *take, double fallback) {
  return wn_take_or(c->L, index_of(c, name), take, fallback, &c->place, name);
}

// a record filled from the fields all builders share, except the dose
static record shared_fields(const call *c) {
  record r = {.builder = c->builder, .line = c->place.line};
  r.time = 24 * (field(c, "day", wn_take_day, 1) - 1) + field(c, "at", wn_take_time, 0);
  strncpy(r.into, wn_take_text_or(c->L, index_of(c, "into"), "", &c->place, "into"), sizeof r.into - 1);
  strcpy(r.file, c->file);
  return r;
}

static record dose_fields(const call *c) {
  record r = shared_fields(c);
  r.amount = field(c, "dose", wn_take_number, NAN);
  if (is_given(c, "over")) r.over = field(c, "over", wn_take_span, NAN);
  return r;
}

static int give(lua_State *L, const record *r) {
  wn_regimen_push(L, 1)->list[0] = *r;
  return 1;
}

static void repeat(record *r, double n, double interval) {
  r->addl = (int)n - 1;
  r->ii = r->addl > 0 ? interval : 0;
}

// true when the first field is given, false when the second is; exactly one must be
static bool either(const call *c, const char *first, const char *second) {
  bool a = is_given(c, first), b = is_given(c, second);
  if (a == b) wn_place_fail(c->L, &c->place, "expected either %s or %s, got %s", first, second, a ? "both" : "neither");
  return a;
}

#define FIELDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int once(lua_State *L) {
  call c;
  begin(&c, L, "once", FIELDS("dose", "into", "at", "day", "over"), 0);
  record r = dose_fields(&c);
  return give(L, &r);
}

static int daily(lua_State *L) {
  call c;
  begin(&c, L, "daily", FIELDS("dose", "into", "at", "day", "days", "over"), 0);
  record r = dose_fields(&c);
  repeat(&r, field(&c, "days", wn_take_days, NAN), 24);
  return give(L, &r);
}

static int every(lua_State *L) {
  call c;
  begin(&c, L, "every", FIELDS("dose", "into", "at", "day", "days", "count", "over"), 1);
  record r = dose_fields(&c);
  double interval = wn_take_entry(L, 1, 1, wn_take_span, &c.place, "interval");
  // with days, the last dose is the last one before they are over; the small number forgives intervals like 24/7 h
  double n = either(&c, "count", "days") ? field(&c, "count", wn_take_day, NAN)
                                         : ceil(24 * field(&c, "days", wn_take_days, NAN) / interval - 1e-9);
  if (n > WN_MAX_DOSES) wn_place_fail(L, &c.place, "expected at most %d doses, got %.0f", WN_MAX_DOSES, n);
  repeat(&r, n, interval);
  return give(L, &r);
}

static int ladder(lua_State *L) {
  call c;
  begin(&c, L, "ladder", FIELDS("steps", "into", "at", "day"), 0);
  record r = shared_fields(&c);
  int n = wn_take_push_list(L, 1, "steps", &c.place), steps = lua_gettop(L);
  if (n == 0) wn_take_fail(L, steps, &c.place, "steps", "a list like { {1.5, \"4wk\"}, {3, \"4wk\"} }");
  regimen *made = wn_regimen_push(L, n);
  for (int i = 0; i < n; i++) {
    const char *label = lua_pushfstring(L, "steps[%d]", i + 1);
    if (lua_geti(L, steps, i + 1) != LUA_TTABLE) wn_take_fail(L, -1, &c.place, label, "{dose, \"4wk\"}");
    r.amount = wn_take_entry(L, -1, 1, wn_take_number, &c.place, label);
    double days = wn_take_entry(L, -1, 2, wn_take_days, &c.place, label);
    repeat(&r, days, 24);
    made->list[i] = r;
    r.time += 24 * days;
    lua_pop(L, 2);
  }
  return 1;
}

static int infusion(lua_State *L) {
  call c;
  begin(&c, L, "infusion", FIELDS("dose", "into", "at", "day", "over", "rate"), 0);
  record r = dose_fields(&c);
  if (either(&c, "rate", "over")) r.rate = field(&c, "rate", wn_take_number, NAN);
  if (r.rate < 0 || (r.rate == 0 && r.over == 0))
    wn_place_fail(L, &c.place, "rate: expected an amount per hour above 0, got %g", r.rate);
  return give(L, &r);
}

// ---- operations: argument 1 is the regimen

void wn_regimen_operand(wn_operation *o, lua_State *L, const char *name) {
  o->place = place_of_call(L, name, o->file);
  o->r = luaL_testudata(L, 1, METATABLE);
  if (!o->r) wn_take_fail(L, 1, &o->place, NULL, "a regimen");
}

static int add(lua_State *L) {
  wn_operation o;
  wn_regimen_operand(&o, L, "+");
  const regimen *b = luaL_testudata(L, 2, METATABLE);
  if (!b) wn_take_fail(L, 2, &o.place, NULL, "a regimen");
  regimen *sum = wn_regimen_push(L, o.r->n + b->n);
  memcpy(sum->list, o.r->list, (size_t)o.r->n * sizeof(record));
  memcpy(sum->list + o.r->n, b->list, (size_t)b->n * sizeof(record));
  return 1;
}

static int shift(lua_State *L) {
  wn_operation o;
  wn_regimen_operand(&o, L, "shift");
  double by = wn_take_duration(L, 2, &o.place, NULL);
  regimen *moved = wn_regimen_push(L, o.r->n);
  for (int i = 0; i < o.r->n; i++) {
    moved->list[i] = o.r->list[i];
    moved->list[i].time += by;
  }
  return 1;
}

// The day a repetition falls on: day 1 begins at midnight of the first day. The small number forgives rounding in
// sums of intervals that should land on midnight.
static double day_of(const record *r, int k) { return floor((r->time + k * r->ii) / 24 + 1e-9) + 1; }

// Which days an operation keeps: all but those of the set { [day] = true } at stack index `days`, or, without one,
// those up to `last`.
typedef struct filter {
  lua_State *L;
  int days;
  double last;
} filter;

static bool keeps(const filter *f, double day) {
  if (!f->days || !(fabs(day) <= WN_MAX_HOURS)) return day <= f->last;
  bool listed = lua_rawgeti(f->L, f->days, (lua_Integer)day) != LUA_TNIL;
  lua_pop(f->L, 1);
  return !listed;
}

// Cut a record into its stretches of kept repetitions; returns how many, and writes them unless out is NULL.
static int split(const filter *f, const record *r, record *out) {
  int n = 0;
  wn_sandbox_charge(f->L, (size_t)r->addl);
  for (int k = 0; k <= r->addl; k++) {
    if (!keeps(f, day_of(r, k))) continue;
    int first = k;
    while (k < r->addl && keeps(f, day_of(r, k + 1))) k++;
    if (out) {
      out[n] = *r;
      out[n].time = r->time + first * r->ii;
      out[n].number += first;
      repeat(&out[n], k - first + 1, r->ii);
    }
    n++;
  }
  return n;
}

static int push_filtered(lua_State *L, const regimen *r, const filter *f) {
  int n = 0;
  for (int i = 0; i < r->n; i++) n += split(f, &r->list[i], NULL);
  regimen *kept = wn_regimen_push(L, n);
  for (int i = 0, at = 0; i < r->n; i++) at += split(f, &r->list[i], kept->list + at);
  return 1;
}

static int skip(lua_State *L) {
  wn_operation o;
  wn_regimen_operand(&o, L, "skip");
  if (!lua_istable(L, 2)) wn_take_fail(L, 2, &o.place, NULL, "days in braces like { 3, 10 }");
  int n = (int)lua_rawlen(L, 2);
  wn_lua_check_fields(L, 2, (const char *const[]){NULL}, n, &o.place);
  lua_newtable(L);
  filter f = {.L = L, .days = lua_gettop(L), .last = INFINITY};
  for (int i = 1; i <= n; i++) {
    double day = wn_take_entry(L, 2, i, wn_take_day, &o.place, "day");
    lua_pushboolean(L, true);
    lua_rawseti(L, f.days, (lua_Integer)day);
  }
  return push_filtered(L, o.r, &f);
}

static int until_day(lua_State *L) {
  wn_operation o;
  wn_regimen_operand(&o, L, "until_day");
  filter f = {.L = L, .last = wn_take_day(L, 2, &o.place, NULL)};
  return push_filtered(L, o.r, &f);
}

void wn_regimen_open(lua_State *L) {
  static const luaL_Reg builders[] = {{"once", once},     {"daily", daily},       {"every", every},
                                      {"ladder", ladder}, {"infusion", infusion}, {NULL, NULL}};
  static const luaL_Reg methods[] = {{"skip", skip}, {"shift", shift}, {"until_day", until_day}, {NULL, NULL}};
  for (const luaL_Reg *builder = builders; builder->name; builder++) lua_register(L, builder->name, builder->func);
  luaL_newmetatable(L, METATABLE);
  lua_pushcfunction(L, add);
  lua_setfield(L, -2, "__add");
  lua_newtable(L);
  luaL_setfuncs(L, methods, 0);
  wn_habits_open(L);
  wn_take_guard(L, "method of a regimen");
  lua_setfield(L, -2, "__index");
  // scripts see neither the metatable nor the table of methods
  lua_pushboolean(L, false);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
}

// ---- from records to doses

typedef struct target {
  const wn_model *model;
  wn_arena *arena;
  wn_notes *notes;
  wn_doses *doses;
  double n_dose;  // repetitions counted
} target;

static int route_of(lua_State *L, const wn_place *place, const wn_model *model, const record *r) {
  if (model->n_route == 0) wn_place_fail(L, place, "the model %s takes no doses", model->name);
  int route = model->default_route;
  wn_error err;
  if (r->into[0] && wn_model_require_route(model, r->into, &route, &err)) wn_take_rethrow(L, place, "into", &err);
  return route;
}

// "daily at two_doses.lua:12"
static const char *write_note(wn_arena *arena, const record *r) {
  return wn_arena_printf(arena, "%s at %s:%d", r->builder, r->file, r->line);
}

// the note that is kept; one of its own where another line has its place
static const char *find_note(wn_notes *notes, wn_arena *arena, const record *r) {
  enum { N_NOTE = sizeof notes->of / sizeof notes->of[0] };
  if (!notes) return write_note(arena, r);
  int at = r->line % N_NOTE;
  const char *file = notes->of[at].file;
  if (!file) {
    notes->of[at].line = r->line, notes->of[at].builder = r->builder;
    notes->of[at].text = write_note(notes->arena, r);
    if (notes->of[at].text) notes->of[at].file = wn_arena_strdup(notes->arena, r->file);
    return notes->of[at].file ? notes->of[at].text : NULL;
  }
  bool same = notes->of[at].line == r->line && notes->of[at].builder == r->builder && strcmp(file, r->file) == 0;
  return same ? notes->of[at].text : write_note(arena, r);
}

static void append(lua_State *L, const wn_place *arm, const regimen *from, target *to) {
  for (int i = 0; i < from->n; i++) {
    const record *r = &from->list[i];
    wn_place place = *arm;
    place.file = r->file, place.line = r->line;
    wn_place_add(&place, ": ");
    wn_place_add(&place, r->builder);
    int route = route_of(L, &place, to->model, r);
    if (r->amount < 0)
      wn_place_fail(L, &place, "dose: expected 0 %s or more, got %g %s", to->model->route[route].unit, r->amount,
                    to->model->route[route].unit);
    if (!(fabs(r->time) <= WN_MAX_HOURS))
      wn_place_fail(L, &place, "time: expected at most a thousand years from the first day, got %g h", r->time);
    to->n_dose += r->addl + 1;
    if (to->n_dose > WN_MAX_DOSES) wn_place_fail(L, &place, "expected at most %d doses in an arm", WN_MAX_DOSES);
    wn_dose dose = {.time = r->time,
                    .route = route,
                    .amount = r->amount,
                    .rate = r->rate,
                    .duration = r->over,
                    .ii = r->ii,
                    .addl = r->addl,
                    .n_habit = r->n_habit,
                    .number = r->number};
    if (r->n_habit > 0) {
      wn_habit *habit = wn_take_alloc(L, to->arena, sizeof r->habit);
      memcpy(habit, r->habit, sizeof r->habit);
      dose.habit = habit;
    }
    dose.note = find_note(to->notes, to->arena, r);
    wn_error err;
    if ((!dose.note || !WN_PUSH(to->doses, dose)) && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  }
}

void wn_regimen_doses(lua_State *L, int index, const wn_place *place, const wn_model *model, wn_arena *arena,
                      wn_notes *notes, wn_doses *doses) {
  static const char expected[] = "a regimen like daily{...}, or a list of them";
  index = lua_absindex(L, index);
  target to = {.model = model, .arena = arena, .notes = notes, .doses = doses};
  const regimen *one = luaL_testudata(L, index, METATABLE);
  if (one) append(L, place, one, &to);
  if (one || lua_isnil(L, index)) return;
  if (!lua_istable(L, index)) wn_take_fail(L, index, place, "regimen", expected);
  int n = (int)lua_rawlen(L, index);
  wn_lua_check_fields(L, index, (const char *const[]){NULL}, n, place);
  for (int i = 1; i <= n; i++) {
    lua_geti(L, index, i);
    one = luaL_testudata(L, -1, METATABLE);
    if (!one) wn_take_fail(L, -1, place, "regimen", expected);
    append(L, place, one, &to);
    lua_pop(L, 1);
  }
}
