// test_plot_sweep.c - pictures of sweeps from made-up columns: groups and quantiles against their definitions, colours
// at known places, every ending, what is missing, and no memory.

#include "io/plot_sweep.h"

#include "base/memory.h"
#include "io/plot_groups.h"
#include "io/plot_page.h"

#include <cairo.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N_X = 12, N_Y = 9, N_DRAW = 40, N_ARM = 2, N_ROW = N_X * N_Y * N_DRAW * N_ARM };

static const char *const labels[] = {"4.5 mg at bedtime", "4.5 mg in the morning"};
static const wn_plot_words words = {
    .title = "Hours blocked by dose and bedtime",
    .caption =
        "Made up for a test. These numbers rest on nothing measured, 3 fitted and 5 assumed parameters of a model that "
        "does not exist; the caption is long enough to be wrapped into a second line of the page.",
    .source = "wane, test"};
static double dose[N_ROW], bed[N_ROW], hours[N_ROW], rebound[N_ROW], end_clock[N_ROW];
static unsigned char feasible[N_ROW];
static int arm[N_ROW];

static int prepare(void **state) {
  (void)state;
  int row = 0;
  for (int a = 0; a < N_ARM; a++)
    for (int i = 0; i < N_X; i++)
      for (int j = 0; j < N_Y; j++)
        for (int k = 0; k < N_DRAW; k++, row++) {
          double z = ((k * 7919) % N_DRAW + 0.5) / N_DRAW - 0.5;
          arm[row] = a;
          dose[row] = 0.5 * pow(20, i / (N_X - 1.0));
          bed[row] = 20 + 0.5 * j;
          hours[row] = (3 + 2.4 * log(dose[row] / 0.5) + a) * exp(0.8 * z);
          rebound[row] = 40 * exp(-pow(log(dose[row] / 3), 2)) * (1 + 0.05 * (bed[row] - 22)) * (1 + 0.2 * z);
          end_clock[row] = bed[row] + hours[row];
          feasible[row] = hours[row] < 7 && end_clock[row] < 31;
          if (i == 11 && j == 8) hours[row] = NAN;
        }
  return 0;
}

static bool starts(const char *path, const char *magic) {
  char head[16] = "";
  FILE *in = fopen(path, "rb");
  if (!in) return false;
  size_t n = fread(head, 1, sizeof head - 1, in);
  fclose(in);
  return n >= strlen(magic) && memcmp(head, magic, strlen(magic)) == 0;
}

static void expect_files(wn_status (*write)(const char *path, wn_error *err), const char *name) {
  static const char *const kinds[][2] = {{"svg", "<?xml"}, {"pdf", "%PDF"}, {"png", "\x89PNG"}};
  wn_error err = {0};
  char path[64];
  for (int i = 0; i < 3; i++) {
    snprintf(path, sizeof path, "%s.%s", name, kinds[i][0]);
    if (write(path, &err)) fail_msg("%s: %s", path, err.message);
    assert_true(starts(path, kinds[i][1]));
  }
  snprintf(path, sizeof path, "%s.gif", name);
  assert_int_equal(write(path, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, ".svg, .png or .pdf"));
  assert_int_equal(access(path, F_OK), -1);
  // without memory: a clean error and no file; with it, the picture
  wn_status status = WN_ERR_MEMORY;
  snprintf(path, sizeof path, "%s-memory.png", name);
  unlink(path);
  for (long n = 0; status; n++) {
    assert_true(n < 200);
    wn_alloc_fail_after(n);
    status = write(path, &err);
    wn_alloc_fail_after(-1);
    if (status) assert_int_equal(status, WN_ERR_MEMORY);
    assert_int_equal(access(path, F_OK) == 0, status == WN_OK);
  }
}

static wn_status write_spread(const char *path, wn_error *err) {
  static const wn_plot_axis metrics[] = {{"hours_per_day.blockade", "h", WN_SCALE_LINEAR, NULL},
                                         {"peak.rebound", "%", WN_SCALE_LINEAR, NULL},
                                         {"window_end.blockade", "clock", WN_SCALE_LINEAR, NULL}};
  static const double *const values[] = {hours, rebound, end_clock};
  wn_plot_spread plot = {.words = words,
                         .x = {"low_dose", "mg", WN_SCALE_LOG, NULL},
                         .n_row = N_ROW,
                         .n_arm = N_ARM,
                         .n_metric = 3,
                         .arm_label = labels,
                         .arm = arm,
                         .x_value = dose,
                         .metric = metrics,
                         .value = values};
  return wn_plot_spread_write(&plot, path, err);
}

static wn_plot_heat heat(void) {
  return (wn_plot_heat){.words = words,
                        .x = {"bedtime", "clock", WN_SCALE_LINEAR, NULL},
                        .y = {"low_dose", "mg", WN_SCALE_LOG, NULL},
                        .metric = {"hours_per_day.blockade", "h", WN_SCALE_LINEAR, NULL},
                        .contour = {"peak.rebound", "%", WN_SCALE_LINEAR, NULL},
                        .n_row = N_ROW,
                        .n_arm = N_ARM,
                        .arm_label = labels,
                        .arm = arm,
                        .x_value = bed,
                        .y_value = dose,
                        .value = hours,
                        .contour_value = rebound,
                        .feasible = feasible,
                        .condition = "blocked less than 7 h and free before 07:00",
                        .has_best = true,
                        .best_x = 22,
                        .best_y = dose[5 * N_Y * N_DRAW]};
}

static wn_status write_heat(const char *path, wn_error *err) {
  wn_plot_heat plot = heat();
  return wn_plot_heat_write(&plot, path, err);
}

static wn_status write_heat_one(const char *path, wn_error *err) {
  wn_plot_heat plot = heat();
  plot.n_arm = 1, plot.n_row = N_ROW / N_ARM;
  return wn_plot_heat_write(&plot, path, err);
}

static wn_status write_tornado(const char *path, wn_error *err) {
  static const char *const names[] = {"CL", "V", "Ki", "a_parameter_with_a_rather_long_name", "F1", "none"};
  static const char *const lows[] = {"2 L/h", "20 L", "0.3 nM", "0.1", "0.3", "0"};
  static const char *const highs[] = {"4 L/h", "40 L", "0.9 nM", "0.5", "0.6", "1"};
  static const double low[] = {8.1, 5.6, 7.4, 6.1, 6.4, NAN}, high[] = {4.2, 6.9, 5.1, 6.6, 7.2, NAN};
  wn_plot_tornado plot = {.words = words,
                          .metric = {"hours_per_day.blockade", "h", WN_SCALE_LINEAR, NULL},
                          .base = 6,
                          .n_bar = 6,
                          .name = names,
                          .low_label = lows,
                          .high_label = highs,
                          .low = low,
                          .high = high};
  return wn_plot_tornado_write(&plot, path, err);
}

static wn_status write_indices(const char *path, wn_error *err) {
  static const char *const names[] = {"CL", "V", "Ki", "low_dose"};
  static const double first[] = {0.31, 0.05, 0.22, NAN}, total[] = {0.42, 0.05, 0.4, 0.01};
  static const double first_low[] = {0.25, -0.01, 0.15, NAN}, first_high[] = {0.38, 0.1, 0.3, NAN};
  static const double total_low[] = {0.35, 0.03, 0.33, 0}, total_high[] = {0.5, 0.07, 0.47, 0.02};
  wn_plot_indices plot = {
      words,     "hours_per_day.blockade", 4, 1, names, NULL, labels, first, first_low, first_high, total, total_low,
      total_high};
  return wn_plot_indices_write(&plot, path, err);
}

static wn_status write_morris(const char *path, wn_error *err) {
  static const char *const names[] = {"CL", "V", "Ki", "low_dose"};
  static const double mu[] = {3.1, 0.02, 1.2, 2}, sigma[] = {0.4, 0.01, 1.6, 0.2};
  wn_plot_morris plot = {words, {"hours_per_day.blockade", "h", WN_SCALE_LINEAR, NULL}, 4, 1, names, labels, mu, sigma};
  return wn_plot_morris_write(&plot, path, err);
}

// nothing moves the metric: the axes still begin at 0
static wn_status write_morris_still(const char *path, wn_error *err) {
  static const char *const names[] = {"CL", "V"};
  static const double zero[] = {0, 0};
  wn_plot_morris plot = {words, {"peak of C", "h", WN_SCALE_LINEAR, NULL}, 2, 1, names, labels, zero, zero};
  return wn_plot_morris_write(&plot, path, err);
}

// one arm more than is drawn, of which one has nothing to show
static wn_status write_many_arms(bool morris, const char *path, wn_error *err) {
  enum { ARMS = 9, INPUTS = 3 };
  static const char *const names[] = {"CL", "V", "low_dose"}, *const notes[] = {"clearance", NULL, "the low dose"};
  static const char *const arms[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i"};
  double value[ARMS * INPUTS], low[ARMS * INPUTS], high[ARMS * INPUTS];
  for (int i = 0; i < ARMS * INPUTS; i++) {
    value[i] = i / INPUTS == 1 ? NAN : 0.1 * (i % 7);
    low[i] = value[i] - 0.05, high[i] = value[i] + 0.05;
  }
  wn_plot_indices indices = {words, "peak of C", INPUTS, ARMS, names, notes, arms, value, low, high, value, low, high};
  wn_plot_morris effects = {words, {"peak of C", "h", WN_SCALE_LINEAR, NULL}, INPUTS, ARMS, names, arms, value, low};
  return morris ? wn_plot_morris_write(&effects, path, err) : wn_plot_indices_write(&indices, path, err);
}

static wn_status write_indices_of_arms(const char *path, wn_error *err) { return write_many_arms(false, path, err); }
static wn_status write_morris_of_arms(const char *path, wn_error *err) { return write_many_arms(true, path, err); }

static wn_status write_quantiles(const char *path, wn_error *err) {
  enum { N = 97 };
  static double time[N], q[5][2 * 2 * N];
  static const wn_plot_axis outputs[] = {{"ntx", "ng/mL", WN_SCALE_LINEAR, NULL}, {"mor", "1", WN_SCALE_LINEAR, NULL}};
  for (int k = 0; k < N; k++) {
    time[k] = 0.5 * k;
    for (int g = 0; g < 4; g++)
      for (int i = 0; i < 5; i++) {
        double since = fmod(time[k] + 2 + 10 * (g / 2), 24),
               v = exp(-0.25 * since) * (1 + 0.3 * (i - 2)) * (g % 2 ? 1 : 20);
        q[i][g * N + k] = v;
      }
  }
  wn_plot_quantiles plot = {words, N, 2, 2, labels, time, outputs, {q[0], q[1], q[2], q[3], q[4]}};
  return wn_plot_quantiles_write(&plot, path, err);
}

static void test_files(void **state) {
  (void)state;
  expect_files(write_spread, "spread");
  expect_files(write_heat, "heat");
  expect_files(write_heat_one, "heat_one");
  expect_files(write_tornado, "tornado");
  expect_files(write_indices, "indices");
  expect_files(write_morris, "morris");
  expect_files(write_morris_still, "morris_still");
  expect_files(write_indices_of_arms, "indices_of_arms");
  expect_files(write_morris_of_arms, "morris_of_arms");
  expect_files(write_quantiles, "quantiles");
}

// -- colours where they belong

static unsigned pixel(cairo_surface_t *image, double x, double y) {
  const unsigned char *data = cairo_image_surface_get_data(image);
  unsigned value;
  memcpy(&value, data + (long)(2 * y) * cairo_image_surface_get_stride(image) + 4 * (long)(2 * x), 4);
  return value & 0xffffff;
}

static void test_colours(void **state) {
  (void)state;
  // two by two cells: least, greatest, one that failed, one without rows
  static const double x[] = {1, 2, 1}, y[] = {1, 1, 2}, value[] = {10, 20, NAN};
  static const int arms[] = {0, 0, 0};
  wn_plot_heat plot = {.words = words,
                       .x = {.name = "x"},
                       .y = {.name = "y"},
                       .metric = {.name = "m"},
                       .n_row = 3,
                       .n_arm = 1,
                       .arm = arms,
                       .x_value = x,
                       .y_value = y,
                       .value = value};
  wn_error err = {0};
  assert_int_equal(wn_plot_heat_write(&plot, "cells.png", &err), WN_OK);
  cairo_surface_t *image = cairo_image_surface_create_from_png("cells.png");
  assert_int_equal(cairo_surface_status(image), CAIRO_STATUS_SUCCESS);
  // the panel begins at PLOT_LEFT and 20 below PAGE_TOP
  double left = PLOT_LEFT, top = PAGE_TOP + 20, width = PLOT_WIDTH - PLOT_LEFT - 130, height = 400;
  assert_int_equal(pixel(image, left + 0.2 * width, top + 0.8 * height), 0x440154);
  assert_int_equal(pixel(image, left + 0.8 * width, top + 0.8 * height), 0xfde725);
  assert_int_equal(pixel(image, left + 0.25 * width, top + 0.25 * height), 0x808080);
  assert_int_equal(pixel(image, left + 0.8 * width, top + 0.2 * height), 0xffffff);
  cairo_surface_destroy(image);
}

static void test_contour(void **state) {
  (void)state;
  // the second metric grows along x from 0 to 4: its line at 2 stands upright in the middle
  enum { N = 5 };
  static double x[N * N], y[N * N], value[N * N], second[N * N];
  static int arms[N * N];
  for (int i = 0; i < N * N; i++) x[i] = second[i] = i % N, y[i] = i / N, value[i] = 1;
  wn_plot_heat plot = {.words = words,
                       .x = {.name = "x"},
                       .y = {.name = "y"},
                       .metric = {.name = "m"},
                       .contour = {.name = "c"},
                       .n_row = N * N,
                       .n_arm = 1,
                       .arm = arms,
                       .x_value = x,
                       .y_value = y,
                       .value = value,
                       .contour_value = second};
  wn_error err = {0};
  assert_int_equal(wn_plot_heat_write(&plot, "contour.png", &err), WN_OK);
  cairo_surface_t *image = cairo_image_surface_create_from_png("contour.png");
  double middle = PLOT_LEFT + (PLOT_WIDTH - PLOT_LEFT - 130) / 2.0;
  int dark = 0;
  for (int i = 0; i < 100; i++) dark += (pixel(image, middle, PAGE_TOP + 20 + 4 * i) & 0xff00) < 0x3000;
  // from centre to centre of the outer cells, but for the label
  assert_in_range(dark, 60, 82);
  for (int i = 10; i < 90; i++) assert_true((pixel(image, middle + 40, PAGE_TOP + 20 + 4 * i) & 0xff00) > 0x3000);
  cairo_surface_destroy(image);
}

// -- groups

static void test_quantiles(void **state) {
  (void)state;
  double value[103], q[5];
  int n;
  for (int i = 0; i < 101; i++) value[i] = (i * 37) % 101;
  value[101] = NAN, value[102] = INFINITY;
  wn_quantiles_of(value, 103, q, &n);
  assert_int_equal(n, 101);
  static const double expected[] = {5, 25, 50, 75, 95};
  for (int i = 0; i < 5; i++) assert_true(fabs(q[i] - expected[i]) < 1e-12);
  wn_quantiles_of(value, 0, q, &n);
  assert_true(n == 0 && isnan(q[2]));
}

static void test_levels(void **state) {
  (void)state;
  wn_levels l;
  wn_error err = {0};
  static const double few[] = {10, 1, NAN, 100, 10};
  assert_int_equal(wn_levels_make(&l, few, 5, 10, 4, true, &err), WN_OK);
  assert_int_equal(l.n, 3);
  static const int level[] = {1, 0, -1, 2, 1};
  assert_memory_equal(l.level, level, sizeof level);
  // edges half-way in the logarithm
  for (int i = 0; i < 4; i++) assert_true(fabs(l.edge[i] / pow(10, i - 0.5) - 1) < 1e-12);
  wn_levels_free(&l);
  // many different values: bins of equal count
  double many[1000];
  int count[8] = {0};
  for (int i = 0; i < 1000; i++) many[i] = sqrt((i * 619) % 1000);
  assert_int_equal(wn_levels_make(&l, many, 1000, 40, 8, false, &err), WN_OK);
  assert_int_equal(l.n, 8);
  for (int i = 0; i < 1000; i++) {
    count[l.level[i]]++;
    assert_true(many[i] >= l.edge[l.level[i]] && many[i] <= l.edge[l.level[i] + 1]);
  }
  for (int i = 0; i < 8; i++) assert_in_range(count[i], 124, 126);
  wn_levels_free(&l);
  // mostly one value: its bin is not cut
  for (int i = 0; i < 1000; i++) many[i] = i < 600 ? 5 : i;
  assert_int_equal(wn_levels_make(&l, many, 1000, 40, 8, false, &err), WN_OK);
  for (int i = 0; i < l.n; i++) assert_true(l.edge[i] < l.edge[i + 1]);
  for (int i = 1; i < 600; i++) assert_int_equal(l.level[i], l.level[0]);
  wn_levels_free(&l);
}

static void test_axes(void **state) {
  (void)state;
  double tick[WN_MAX_TICK];
  char text[24];
  const wn_plot_axis clock = {"bedtime", "clock", WN_SCALE_LINEAR, NULL},
                     logarithmic = {"dose", "mg", WN_SCALE_LOG, NULL};
  wn_axis a = wn_axis_fit(&clock, 20, 26, 6, false);
  assert_int_equal(wn_axis_ticks(&a, tick), 7);
  wn_axis_text(&a, tick[6], text);
  assert_string_equal(text, "02:00");
  a = wn_axis_fit(&logarithmic, 0.1, 100, 6, false);
  a.from = 0, a.to = 300;
  assert_true(fabs(wn_axis_at(&a, 1) - 100) < 1e-9 && wn_axis_ticks(&a, tick) == 10);
  // a log axis cannot hold 0
  a = wn_axis_fit(&logarithmic, 0, 100, 5, false);
  assert_int_equal(a.scale, WN_SCALE_LINEAR);
  // one value everywhere, or none
  a = wn_axis_fit(&clock, 22, 22, 6, true);
  assert_true(a.low < 22 && a.high > 22);
  a = wn_axis_fit(&logarithmic, INFINITY, -INFINITY, 5, true);
  assert_true(a.low < a.high && wn_axis_ticks(&a, tick) > 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_files),   cmocka_unit_test(test_colours),
                                     cmocka_unit_test(test_contour), cmocka_unit_test(test_quantiles),
                                     cmocka_unit_test(test_levels),  cmocka_unit_test(test_axes)};
  return cmocka_run_group_tests(tests, prepare, NULL);
}
