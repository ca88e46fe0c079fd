// points.h - a design made in one line, for the tests of sweep/.
#ifndef WN_TESTS_SWEEP_POINTS_H
#define WN_TESTS_SWEEP_POINTS_H

#include "sweep/design.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

static const wn_input_name KNOWN[] = {
    {"low_dose", "mg", 4.5, {0}}, {"bedtime", "clock", 22, {0}},
    {"days", "", 7, {0}},         {"CL", "L/h", 20, {0}},
    {"V", "L", 100, {0}},         {"KA", "1/h", 1, {0}},
    {"lag", "h", 0.5, {0}},       {"x1", "", 0, {0}},
    {"x2", "", 0, {0}},           {"x3", "", 0, {0}},
    {"x4", "", 0, {0}},           {"x5", "", 0, {0}},
    {"x6", "", 0, {0}},           {"x7", "", 0, {0}},
    {"x8", "", 0, {0}},           {"gain", "", 1, {.has_low = true, .open_low = true, .has_high = true, .high = 2}}};
enum { N_KNOWN = sizeof KNOWN / sizeof *KNOWN };

// Lists of texts that end with NULL; NULL: none.
typedef const char *const *texts;
#define TEXTS(...) ((const char *const[]){__VA_ARGS__, NULL})

static int count_texts(texts list) {
  int n = 0;
  while (list && list[n]) n++;
  return n;
}

static wn_design_def def_of(texts vary, texts draw, const char *sample, int64_t n) {
  wn_design_def def = wn_design_default();
  def.vary = vary, def.n_vary = count_texts(vary);
  def.draw = draw, def.n_draw = count_texts(draw);
  def.sample = sample, def.n = n;
  return def;
}

static wn_status try_create(const wn_design_def *def, wn_design **design, wn_error *err) {
  wn_units *units = wn_units_create(err);
  assert_non_null(units);
  wn_status status = wn_design_create(def, KNOWN, N_KNOWN, units, design, err);
  wn_units_destroy(units);
  return status;
}

static wn_design *create(wn_design_def def) {
  wn_error err;
  wn_design *design;
  if (try_create(&def, &design, &err)) fail_msg("%s", err.message);
  return design;
}

// A coordinate of a point.
static inline double at(const wn_design *design, int64_t point, int input) {
  double value[WN_MAX_INPUT];
  wn_design_point(design, point, value);
  return value[input];
}

#endif
