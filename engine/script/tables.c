// Interpolation tables in the model language: wane.table{..} made outside of the equations, interp(T, x) inside.
// Invariant: a table is checked when it is made; its numbers never change. Must not know what is interpolated.
#include "expr/table.h"
#include "script/environment.h"
#include "script/functions.h"
#include "script/take.h"
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

static const char *const table_key = "wane.table";

typedef struct table_value {
  wn_table table;
  const wn_unit *x_unit, *y_unit;
  const wn_graph *graph;  // the graph that `index` belongs to
  int index;
} table_value;

static int table_gc(lua_State *L) {
  table_value *value = luaL_checkudata(L, 1, table_key);
  wn_table_free(&value->table);
  return 0;
}

// the numbers of a list field, in memory that Lua owns; pushed
static double *push_numbers(lua_State *L, const char *field, int *n, const wn_place *place) {
  *n = wn_take_push_list(L, 1, field, place);
  if (*n < 2) wn_place_fail(L, place, "%s: expected a list of two or more numbers", field);
  double *numbers = lua_newuserdatauv(L, sizeof(double) * (size_t)*n, 0);
  for (int i = 0; i < *n; i++) {
    char label[48];
    snprintf(label, sizeof label, "%s: entry %d", field, i + 1);
    numbers[i] = wn_take_entry(L, -2, i + 1, wn_take_number, place, label);
  }
  return numbers;
}

static const wn_unit *unit_field(lua_State *L, const char *field, const wn_place *place) {
  wn_error err;
  const wn_unit *unit = wn_unit_parse(wn_trace_of(L)->units, wn_take_field_text(L, 1, field, "1", place), &err);
  if (!unit) wn_take_rethrow(L, place, field, &err);
  return unit;
}

static int make_table(lua_State *L) {
  char file[64] = "?";
  wn_place place = {.file = file};
  wn_lua_place(L, file, &place.line);
  wn_place_call(&place, "wane.table");
  lua_settop(L, 1);
  if (!lua_istable(L, 1)) wn_take_fail(L, 1, &place, NULL, "fields in braces like { x = {0, 1}, y = {2, 3} }");
  static const char *const fields[] = {"x", "y", "x_unit", "y_unit", "kind", NULL};
  wn_lua_check_fields(L, 1, fields, 0, &place);
  const char *kind = wn_take_field_text(L, 1, "kind", "linear", &place);
  bool pchip = strcmp(kind, "pchip") == 0;
  if (!pchip && strcmp(kind, "linear") != 0)
    wn_place_fail(L, &place, "kind: expected \"linear\" or \"pchip\", got '%.40s'", kind);
  const wn_unit *x_unit = unit_field(L, "x_unit", &place), *y_unit = unit_field(L, "y_unit", &place);
  int n, n_y;
  double *x = push_numbers(L, "x", &n, &place), *y = push_numbers(L, "y", &n_y, &place);
  if (n != n_y) wn_place_fail(L, &place, "x has %d numbers and y %d; expected as many", n, n_y);
  for (int i = 1; i < n; i++)
    if (!(x[i] > x[i - 1])) wn_place_fail(L, &place, "x: expected increasing numbers, got %g after %g", x[i], x[i - 1]);
  table_value *value = lua_newuserdatauv(L, sizeof *value, 0);
  *value = (table_value){.x_unit = x_unit, .y_unit = y_unit, .index = -1};
  luaL_setmetatable(L, table_key);
  wn_status status = wn_table_init(&value->table, pchip ? WN_TABLE_PCHIP : WN_TABLE_LINEAR, n, x, y);
  wn_error err;
  if (status == WN_ERR_MEMORY && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  if (status) wn_place_fail(L, &place, "its numbers are too large or too close together");
  return 1;
}

// the table's index in the graph that is being built
static int index_in(table_value *value, wn_graph *graph) {
  if (value->graph != graph) {
    const wn_table *table = &value->table;
    value->index = wn_graph_add_table(graph, table->kind, table->n, table->x, table->y);
    value->graph = value->index < 0 ? NULL : graph;
  }
  return value->index;
}

static int interpolate(lua_State *L) {
  table_value *value = luaL_testudata(L, 1, table_key);
  if (!value || lua_gettop(L) != 2) wn_lua_fail_here(L, "interp: expected a table made with wane.table, and a value");
  wn_symbol x = wn_symbol_get(L, 2, "interp");
  const wn_trace *trace = wn_trace_of(L);
  if (x.unit && x.unit != value->x_unit)
    wn_lua_fail_here(L, "interp: expected %s, got %s", wn_unit_text(value->x_unit),
                     wn_unit_is_one(x.unit) ? "a pure number" : wn_unit_text(x.unit));
  const wn_unit *unit = trace->mode == WN_MODE_REPLAY ? NULL : value->y_unit;
  if (x.node == WN_NO_NODE) {
    wn_symbol_push(L, wn_symbol_constant(wn_table_value(&value->table, x.value), unit));
    return 1;
  }
  int index = index_in(value, trace->graph);
  wn_symbol y = {index < 0 ? WN_NO_NODE : wn_graph_table(trace->graph, index, x.node), 0, unit};
  wn_error err;
  if (y.node == WN_NO_NODE && wn_fail_memory(&err)) wn_lua_rethrow(L, &err);
  wn_symbol_push(L, y);
  return 1;
}

void wn_tables_open(lua_State *L) {
  luaL_newmetatable(L, table_key);
  lua_pushcfunction(L, table_gc);
  lua_setfield(L, -2, "__gc");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 1);
  lua_pushcfunction(L, make_table);
  lua_setfield(L, -2, "table");
  lua_pushcfunction(L, interpolate);
  lua_setglobal(L, "interp");
}
