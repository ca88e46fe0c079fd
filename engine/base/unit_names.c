// unit_names.c - see unit_names.h. The system is built in code: reading udunits' XML takes 4-8 ms, more than the rest
// of loading a model. Invariant: no call of udunits is made without the lock.
#include "base/unit_names.h"
#include "base/memory.h"
#include "base/pool.h"
#include "base/text.h"
#include <limits.h>
#include <udunits2.h>

struct wn_unit_names {
  ut_system *system;
  ut_unit *base[WN_N_DIMENSION];
};

// every unit by what it is made of; a scale and the name of an earlier one ("" is a new base unit: the first ones)
static const struct {
  const char *name;
  double scale;
  const char *of;
} definitions[] = {
    {"g", 1, ""},
    {"m", 1, ""},
    {"s", 1, ""},
    {"mol", 1, ""},
    {"K", 1, ""},
    {"A", 1, ""},
    {"cd", 1, ""},
    {"IU", 1, ""},
    {"cells", 1, ""},
    {"copies", 1, ""},
    {"%", 0.01, "1"},
    {"rad", 1, "1"},
    {"min", 60, "s"},
    {"h", 3600, "s"},
    {"d", 86400, "s"},
    {"wk", 604800, "s"},
    {"L", 1e-3, "m3"},
    {"M", 1e3, "mol/m3"},
    {"N", 1e3, "g.m/s2"},
    {"Pa", 1, "N/m2"},
    {"J", 1, "N.m"},
    {"cal", 4.184, "J"},
    {"W", 1, "J/s"},
    {"V", 1, "W/A"},
    {"Bq", 1, "s-1"},
    {"Hz", 1, "s-1"},
    {"Ci", 3.7e10, "Bq"},
    {"kat", 1, "mol/s"},
    {"mmHg", 133.322387415, "Pa"},
    {"bpm", 1, "min-1"},
    {"mcg", 1e-6, "g"},
    {"l", 1, "L"},
    {"U", 1, "IU"},
    {"cell", 1, "cells"},
    {"hr", 1, "h"},
    {"hour", 1, "h"},
    {"hours", 1, "h"},
    {"day", 1, "d"},
    {"days", 1, "d"},
    {"week", 1, "wk"},
    {"weeks", 1, "wk"},
    {"minute", 1, "min"},
    {"minutes", 1, "min"},
    {"sec", 1, "s"},
};
enum { N_DEFINITION = sizeof definitions / sizeof definitions[0] };

static const struct {
  const char *symbol;
  double value;
} prefixes[] = {{"k", 1e3},         {"d", 0.1},         {"c", 1e-2}, {"m", 1e-3},  {"u", 1e-6},
                {"\xC2\xB5", 1e-6}, {"\xCE\xBC", 1e-6}, {"n", 1e-9}, {"p", 1e-12}, {"f", 1e-15},
                {"a", 1e-18},       {"M", 1e6},         {"G", 1e9}};

// names offered for typos, besides the definitions
static const char *const usual[] = {"kg",   "mg",     "ug",     "ng",     "pg",    "fg",     "mmol",  "umol",
                                    "nmol", "pmol",   "mM",     "uM",     "nM",    "pM",     "dL",    "mL",
                                    "uL",   "cm",     "mm",     "ms",     "kJ",    "kcal",   "mIU",   "kIU",
                                    "MBq",  "kPa",    "mV",     "1/h",    "L/h",   "mL/min", "mg/L",  "ng/mL",
                                    "ug/L", "nmol/L", "umol/L", "mmol/L", "mg/kg", "g/mol",  "mg/dL", "L/kg"};
enum { N_USUAL = sizeof usual / sizeof usual[0] };

static bool define(wn_unit_names *names, int i) {
  ut_unit *unit;
  if (i < WN_N_DIMENSION) {
    unit = names->base[i] = ut_new_base_unit(names->system);
    return unit && ut_map_symbol_to_unit(definitions[i].name, UT_UTF8, unit) == UT_SUCCESS;
  }
  ut_unit *of = ut_parse(names->system, definitions[i].of, UT_UTF8);
  unit = of ? ut_scale(definitions[i].scale, of) : NULL;
  ut_free(of);
  bool done = unit && ut_map_symbol_to_unit(definitions[i].name, UT_UTF8, unit) == UT_SUCCESS;
  ut_free(unit);
  return done;
}

static bool build(wn_unit_names *names) {
  ut_set_error_message_handler(ut_ignore);
  names->system = ut_new_system();
  bool good = names->system;
  for (int i = 0; good && i < N_DEFINITION; i++) good = define(names, i);
  for (size_t i = 0; good && i < sizeof prefixes / sizeof prefixes[0]; i++)
    good = ut_add_symbol_prefix(names->system, prefixes[i].symbol, prefixes[i].value) == UT_SUCCESS;
  return good;
}

wn_unit_names *wn_unit_names_create(void) {
  wn_unit_names *names = wn_alloc(sizeof *names);
  if (!names) return NULL;
  wn_pool_lock(WN_LIBRARY_UDUNITS);
  bool good = build(names);
  wn_pool_unlock(WN_LIBRARY_UDUNITS);
  if (good) return names;
  wn_unit_names_destroy(names);
  return NULL;
}

void wn_unit_names_destroy(wn_unit_names *names) {
  if (!names) return;
  wn_pool_lock(WN_LIBRARY_UDUNITS);
  for (int i = 0; i < WN_N_DIMENSION; i++) ut_free(names->base[i]);
  if (names->system) ut_free_system(names->system);
  wn_pool_unlock(WN_LIBRARY_UDUNITS);
  wn_free(names);
}

// -- a unit of udunits taken apart: its visitor tells what it is made of

typedef struct taken {
  const wn_unit_names *names;
  wn_magnitude *into;
} taken;

static ut_status add_base(const taken *t, const ut_unit *unit, int power) {
  for (int i = 0; i < WN_N_DIMENSION; i++) {
    if (ut_compare(unit, t->names->base[i]) != 0) continue;
    int sum = t->into->power[i] + power;
    if (sum < SHRT_MIN || sum > SHRT_MAX) return UT_MEANINGLESS;
    t->into->power[i] = (short)sum;
    return UT_SUCCESS;
  }
  return UT_MEANINGLESS;
}

static ut_status take_base(const ut_unit *unit, void *context) { return add_base(context, unit, 1); }

static ut_status take_product(const ut_unit *unit, int n, const ut_unit *const *base, const int *power, void *context) {
  (void)unit;
  ut_status status = UT_SUCCESS;
  for (int i = 0; i < n && status == UT_SUCCESS; i++) status = add_base(context, base[i], power[i]);
  return status;
}

// scales with an offset, logarithms and time stamps are not defined above
static ut_status take_scaled(const ut_unit *unit, double scale, const ut_unit *of, double offset, void *context);
static ut_status take_time_stamp(const ut_unit *unit, const ut_unit *of, double origin, void *context) {
  (void)unit, (void)of, (void)origin, (void)context;
  return UT_MEANINGLESS;
}
static ut_status take_logarithm(const ut_unit *unit, double base, const ut_unit *of, void *context) {
  (void)unit, (void)base, (void)of, (void)context;
  return UT_MEANINGLESS;
}

static const ut_visitor visitor = {take_base, take_product, take_scaled, take_time_stamp, take_logarithm};

static ut_status take_scaled(const ut_unit *unit, double scale, const ut_unit *of, double offset, void *context) {
  (void)unit;
  const taken *t = context;
  if (offset != 0) return UT_MEANINGLESS;
  t->into->scale *= scale;
  return ut_accept_visitor(of, &visitor, context);
}

bool wn_unit_names_find(wn_unit_names *names, const char *name, wn_magnitude *magnitude) {
  *magnitude = (wn_magnitude){.scale = 1};
  taken t = {names, magnitude};
  wn_pool_lock(WN_LIBRARY_UDUNITS);
  ut_unit *unit = ut_parse(names->system, name, UT_UTF8);
  bool known = unit && ut_accept_visitor(unit, &visitor, &t) == UT_SUCCESS;
  ut_free(unit);
  wn_pool_unlock(WN_LIBRARY_UDUNITS);
  return known;
}

const char *wn_unit_names_nearest(const char *name) {
  const char *known[N_DEFINITION + N_USUAL];
  for (int i = 0; i < N_USUAL; i++) known[i] = usual[i];
  for (int i = 0; i < N_DEFINITION; i++) known[N_USUAL + i] = definitions[i].name;
  return wn_nearest(name, known, N_USUAL + N_DEFINITION);
}
