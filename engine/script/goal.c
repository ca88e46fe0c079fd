// goal.c - what a scenario is to find, from Lua: maximise or minimise, subject_to, over. Invariant: names of arms,
// outputs, windows and inputs are checked here; whether a metric exists is known when the first point has run. Knows no
// sweep.

#include "script/goal.h"

#include "base/text.h"

#include <lauxlib.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_LEVEL = 1000, MAX_BOUND = 16, MAX_OVER = 4 };

typedef struct reader {
  lua_State *L;
  const wn_script *script;
  const wn_scenario *scenario;
  wn_place place;
  wn_goal *goal;
} reader;

static const char *keep(reader *r, const char *text) { return wn_take_keep(r->L, r->scenario->arena, text); }

// the output or window that a metric is of
static const char *read_of(reader *r, const wn_place *place) {
  const wn_scenario *s = r->scenario;
  const char *of = wn_take_field_text(r->L, -1, "of", NULL, place);
  for (int i = 0; i < s->n_window; i++)
    if (strcmp(s->window[i].name, of) == 0) return keep(r, of);
  for (int i = 0; i < s->n_watch; i++)
    if (strcmp(s->model->output[s->watch[i]].name, of) == 0) return keep(r, of);
  wn_place_fail(r->L, place, "of: expected a watched output or a window of the scenario, got '%.60s'", of);
}

static const char *read_quantity(reader *r, const wn_place *place) {
  static const char *const known[] = {
      "cmax",          "tmax",           "auc",         "peak",         "trough",     "mean", "t_half",
      "hours_per_day", "share_of_night", "window_peak", "window_start", "window_end", NULL};
  const char *text = wn_take_entry_text(r->L, -1, 1, place, "metric");
  int n = 0;
  for (; known[n]; n++)
    if (strcmp(known[n], text) == 0) return known[n];
  const char *near = wn_nearest(text, known, n);
  wn_place_fail(r->L, place, "unknown metric '%.60s'; try %s", text,
                near ? near : "cmax, mean, hours_per_day or window_end");
}

// ---- maximise = { "mean", of = "tone" }, lines = { "peak", of = "rebound" }

static void read_metric(reader *r, int table, const char *field, const char **quantity, const char **of) {
  wn_place place = r->place;
  wn_place_call(&place, "goal: %s", field);
  lua_getfield(r->L, table, field);
  if (!lua_istable(r->L, -1)) wn_take_fail(r->L, -1, &place, NULL, "a metric like { \"mean\", of = \"tone\" }");
  wn_lua_check_fields(r->L, -1, (const char *const[]){"of", NULL}, 1, &place);
  *quantity = read_quantity(r, &place);
  *of = read_of(r, &place);
  lua_pop(r->L, 1);
}

static void read_objective(reader *r, int table) {
  bool most = wn_take_given(r->L, table, "maximise");
  if (most == wn_take_given(r->L, table, "minimise"))
    wn_place_fail(r->L, &r->place, "expected either maximise or minimise, got %s", most ? "both" : "neither");
  r->goal->minimise = !most;
  read_metric(r, table, most ? "maximise" : "minimise", &r->goal->quantity, &r->goal->of);
  r->goal->words =
      wn_arena_printf(r->scenario->arena, "%s %s of %s", most ? "largest" : "smallest", r->goal->quantity, r->goal->of);
  r->goal->line_quantity = r->goal->quantity, r->goal->line_of = r->goal->of;
  if (wn_take_given(r->L, table, "lines")) read_metric(r, table, "lines", &r->goal->line_quantity, &r->goal->line_of);
}

// ---- subject_to = { { "hours_per_day", of = "blockade", below = 6 } }

static void read_bound(reader *r, int index, wn_goal_bound *bound) {
  static const char *const sides[] = {"below", "above", "before", "after"};
  wn_place place = r->place;
  wn_place_call(&place, "goal: subject_to[%d]", index);
  if (!lua_istable(r->L, -1))
    wn_take_fail(r->L, -1, &place, NULL, "a bound like { \"hours_per_day\", of = \"blockade\", below = 6 }");
  wn_lua_check_fields(r->L, -1, (const char *const[]){"of", "below", "above", "before", "after", NULL}, 1, &place);
  bound->quantity = read_quantity(r, &place);
  bound->of = read_of(r, &place);
  int side = -1, n_side = 0;
  for (int i = 0; i < 4; i++)
    if (wn_take_given(r->L, -1, sides[i])) side = i, n_side++;
  if (n_side != 1) wn_place_fail(r->L, &place, "expected one of below, above, before and after, got %d", n_side);
  bool is_edge = strncmp(bound->quantity, "window_", 7) == 0 && strcmp(bound->quantity, "window_peak") != 0;
  bound->below = side == 0 || side == 2;
  bound->is_clock = side >= 2;
  if (bound->is_clock != is_edge)
    wn_place_fail(r->L, &place,
                  is_edge ? "a window's edge is a clock time: expected before or after, got %s"
                          : "before and after are for window_start and window_end, got %s",
                  sides[side]);
  bound->limit = wn_take_field(r->L, -1, sides[side], bound->is_clock ? wn_take_clock : wn_take_number, NAN, &place);
  char limit[32];
  if (bound->is_clock)
    wn_format_clock(bound->limit, limit);
  else
    wn_format_double(bound->limit, limit);
  bound->words = wn_arena_printf(r->scenario->arena, "%s of %s %s %s", bound->quantity, bound->of, sides[side], limit);
}

// ---- over = { { "dose", from = 0.5, to = 6, by = 0.5 }, { "at", from = "20:00", to = "01:00", by = "30min" } }

static bool is_clock_option(const reader *r, const char *name) {
  const wn_option *option;
  int n = wn_script_options(r->script, &option);
  for (int i = 0; i < n; i++)
    if (strcmp(option[i].name, name) == 0) return strcmp(option[i].unit, "clock") == 0;
  return false;
}

static const char *number_text(bool is_clock, double value, char text[32]) {
  if (is_clock)
    wn_format_clock(value, text);
  else
    wn_format_double(value, text);
  return text;
}

static void check_input(reader *r, const char *name, const wn_place *place) {
  enum { MAX_NAME = 1024 };
  const wn_model *model = r->scenario->model;
  const wn_option *option;
  const char *known[MAX_NAME];
  int n = 0, n_option = wn_script_options(r->script, &option);
  for (int i = 0; i < n_option && n < MAX_NAME; i++) known[n++] = option[i].name;
  for (int i = 0; i < model->n_param && n < MAX_NAME; i++) known[n++] = model->param[i].name;
  for (int i = 0; i < n; i++)
    if (strcmp(known[i], name) == 0) return;
  // more names than fit: the sweep itself will know
  if (n == MAX_NAME) return;
  const char *near = wn_nearest(name, known, n);
  wn_place_fail(r->L, place, "unknown parameter or option '%.60s'%s%s", name, near ? "; try " : "", near ? near : "");
}

static void read_over(reader *r, int index, const char **name, const char **vary) {
  wn_place place = r->place;
  wn_place_call(&place, "goal: over[%d]", index);
  if (!lua_istable(r->L, -1))
    wn_take_fail(r->L, -1, &place, NULL, "an input like { \"dose\", from = 0.5, to = 6, by = 0.5 }");
  wn_lua_check_fields(r->L, -1, (const char *const[]){"from", "to", "by", NULL}, 1, &place);
  *name = keep(r, wn_take_entry_text(r->L, -1, 1, &place, "input"));
  check_input(r, *name, &place);
  wn_place_call(&place, "goal: over: %.40s", *name);
  bool is_clock = is_clock_option(r, *name);
  double from = wn_take_field(r->L, -1, "from", is_clock ? wn_take_clock : wn_take_number, NAN, &place);
  double to = wn_take_field(r->L, -1, "to", is_clock ? wn_take_clock : wn_take_number, NAN, &place);
  double by = wn_take_field(r->L, -1, "by", is_clock ? wn_take_span : wn_take_number, NAN, &place);
  double length = is_clock && to < from ? to + 24 - from : to - from, steps = length / by;
  if (!(by > 0 && length >= 0 && steps < MAX_LEVEL))
    wn_place_fail(r->L, &place, "expected from <= to and a step that gives at most %d levels, got by = %g", MAX_LEVEL,
                  by);
  if (fabs(steps - round(steps)) > 1e-6)
    wn_place_fail(r->L, &place, "expected whole steps from `from` to `to`, got %.4g of them", steps);
  char first[32], last[32];
  if (round(steps) < 1)
    *vary = wn_arena_printf(r->scenario->arena, "%s=%s", *name, number_text(is_clock, from, first));
  else
    *vary = wn_arena_printf(r->scenario->arena, "%s=%s:%s:%.0f", *name, number_text(is_clock, from, first),
                            number_text(is_clock, to, last), round(steps) + 1);
}

static int push_list(reader *r, int table, const char *field, int least, int most) {
  wn_place place = r->place;
  wn_place_call(&place, "goal");
  int n = wn_take_push_list(r->L, table, field, &place);
  if (n < least || n > most)
    wn_place_fail(r->L, &place, "%s: expected %d to %d entries, got %d", field, least, most, n);
  return n;
}

static void read_lists(reader *r, int table) {
  wn_goal *goal = r->goal;
  wn_arena *arena = r->scenario->arena;
  goal->n_bound = push_list(r, table, "subject_to", 0, MAX_BOUND);
  goal->bound = wn_take_alloc(r->L, arena, ((size_t)goal->n_bound + 1) * sizeof *goal->bound);
  for (int i = 0; i < goal->n_bound; i++, lua_pop(r->L, 1)) {
    lua_geti(r->L, -1, i + 1);
    read_bound(r, i + 1, &goal->bound[i]);
  }
  lua_pop(r->L, 1);
  goal->n_over = push_list(r, table, "over", 1, MAX_OVER);
  goal->over = wn_take_alloc(r->L, arena, ((size_t)goal->n_over + 1) * sizeof *goal->over);
  goal->over_name = wn_take_alloc(r->L, arena, ((size_t)goal->n_over + 1) * sizeof *goal->over_name);
  for (int i = 0; i < goal->n_over; i++, lua_pop(r->L, 1)) {
    lua_geti(r->L, -1, i + 1);
    read_over(r, i + 1, &goal->over_name[i], &goal->over[i]);
  }
  lua_pop(r->L, 1);
}

static void read_arm(reader *r, int table) {
  if (!wn_take_given(r->L, table, "arm")) return;
  const char *name = wn_take_field_text(r->L, table, "arm", NULL, &r->place);
  for (int i = 0; i < r->scenario->n_arm; i++)
    if (strcmp(r->scenario->arm[i].name, name) == 0) r->goal->arm = r->scenario->arm[i].name;
  if (!r->goal->arm) wn_place_fail(r->L, &r->place, "arm: expected the name of an arm, got '%.60s'", name);
}

const wn_goal *wn_goal_read(lua_State *L, const wn_script *script, const wn_scenario *scenario, const wn_place *place) {
  static const char *const fields[] = {"maximise", "minimise", "subject_to", "over", "lines", "sure", "arm", NULL};
  int table = lua_gettop(L);
  reader r = {.L = L, .script = script, .scenario = scenario, .place = *place};
  r.goal = wn_take_alloc(L, scenario->arena, sizeof *r.goal);
  wn_place_call(&r.place, "goal");
  if (!lua_istable(L, table))
    wn_take_fail(L, table, &r.place, NULL, "fields in braces like { maximise =, subject_to =, over = }");
  wn_lua_check_fields(L, table, fields, 0, &r.place);
  read_objective(&r, table);
  read_lists(&r, table);
  read_arm(&r, table);
  r.goal->sure = wn_take_field(L, table, "sure", wn_take_number, 0.9, &r.place);
  if (!(r.goal->sure > 0 && r.goal->sure <= 1))
    wn_place_fail(L, &r.place, "sure: expected a share above 0 and up to 1, got %g", r.goal->sure);
  return r.goal;
}
