// local.c - local sensitivities at the command line: which parameters move what an arm shows, the strongest first.
// Invariant: the table shows part of what the file holds, never something else.

#include "app.h"

#include "io/grid.h"
#include "io/io.h"
#include "io/local.h"
#include "local.h"

#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TOP = 5, MAX_TOP = 1000 };

// ---- what is asked

static wn_status find_names(const wn_model *model, char *names, int *param, int *n, wn_error *err) {
  char *rest = NULL;
  for (char *name = strtok_r(names, ", ", &rest); name; name = strtok_r(NULL, ", ", &rest)) {
    int index;
    if (wn_model_require_param(model, name, &index, err)) return wn_fail_prefix(err, "--with");
    for (int i = 0; i < *n; i++)
      if (param[i] == index)
        return wn_fail(err, WN_ERR_USER, "--with: expected each parameter once, got %s twice", name);
    param[(*n)++] = index;
  }
  return *n ? WN_OK : wn_fail(err, WN_ERR_USER, "--with: expected parameters like CL,V");
}

static wn_status read_top(const wn_args *args, int *top, wn_error *err) {
  const char *text = wn_args_value(args, "top");
  double value = TOP;
  if (text && !(wn_parse_number(text, &value) && value >= 1 && value <= MAX_TOP && value == floor(value)))
    return wn_fail(err, WN_ERR_USER, "--top: expected a whole number from 1 to %d, got \"%.60s\"", MAX_TOP, text);
  *top = (int)value;
  return WN_OK;
}

static wn_status derive(const wn_args *args, const wn_study *study, wn_local **local, wn_error *err) {
  const wn_model *model = study->scenario->model;
  const char *with = wn_args_value(args, "with");
  int *param = wn_alloc(((size_t)model->n_param + 1) * sizeof *param);
  char *names = with ? wn_strdup(with) : NULL;
  wn_local_def def = {.param = param, .run = study->run};
  wn_status status = param && (names || !with) ? WN_OK : wn_fail_memory(err);
  if (!status && names) status = find_names(model, names, param, &def.n_param, err);
  if (!status) status = wn_local_create(study->scenario, &def, local, err);
  wn_free(names);
  wn_free(param);
  return status;
}

// ---- the table

// of an arm's metrics, those of its last whole dosing day, or of the run where there is none
typedef struct shown {
  const wn_local *local;
  const wn_series *series;
  double from, to;
  bool in_window;  // the edges at hand are of a window that begins in the span
} shown;

static bool is(const wn_local_metric *m, const char *quantity) { return strcmp(m->metric.quantity, quantity) == 0; }

static bool is_shown(shown *s, const wn_local_metric *m) {
  if (is(m, "window_start")) s->in_window = m->metric.value >= s->from && m->metric.value < s->to;
  if (is(m, "window_start") || is(m, "window_end")) return s->in_window;
  if (is(m, "hours_per_day")) return m->metric.day == s->series->n_day;
  if (m->metric.day != s->series->n_day) return false;
  bool has_cmax = m->metric.unit[0] && strcmp(m->metric.unit, "1") != 0 && strcmp(m->metric.unit, "%") != 0;
  return is(m, "cmax") || is(m, "auc") || is(m, "tmax") || (!has_cmax && (is(m, "peak") || is(m, "mean")));
}

static void value_text(const wn_local_metric *m, char text[48]) {
  char number[16], clock[6];
  wn_format_short(m->metric.value, number);
  if (is(m, "window_start") || is(m, "window_end")) {
    wn_format_clock(m->metric.value, clock);
    snprintf(text, 48, "%s day %d", clock, m->metric.day);
  } else {
    snprintf(text, 48, "%s%s%s", number, *m->metric.unit && strcmp(m->metric.unit, "1") ? " " : "",
             strcmp(m->metric.unit, "1") ? m->metric.unit : "");
  }
}

// the strongest parameters first; ties in the order of the model
static void sort_columns(const wn_local_metric *m, int n, int *order) {
  for (int i = 0; i < n; i++) {
    int k = i, at = i;
    double size = isnan(m->by[k]) ? -1 : fabs(m->by[k]);
    for (; at > 0; at--) {
      double before = isnan(m->by[order[at - 1]]) ? -1 : fabs(m->by[order[at - 1]]);
      if (before >= size) break;
      order[at] = order[at - 1];
    }
    order[at] = k;
  }
}

static void add_rows(wn_columns *c, const wn_local *l, const wn_local_metric *m, const int *order, int top) {
  char value[48], per_ln[16], elasticity[16], number[16];
  value_text(m, value);
  const char *what = wn_columns_text(c, "%s of %s", m->metric.quantity, m->metric.of);
  for (int i = 0; i < top && i < l->n_sens; i++) {
    int k = order[i];
    // what moves a thousandth of the strongest is not worth a line
    if (i > 0 && !(fabs(m->by[k]) > 1e-3 * fabs(m->by[order[0]]))) break;
    bool is_param = k < l->motion->n_param;
    const wn_parameter *p = is_param ? &l->scenario->model->param[l->motion->param[k]] : NULL;
    wn_format_short(m->by[k], per_ln);
    wn_format_short(wn_local_elasticity(l, m, k), elasticity);
    wn_format_short(wn_local_value(l, m->arm, k), number);
    wn_columns_add(c, i ? "" : what, i ? "" : value, wn_local_name(l, k), p ? number : "", p ? p->unit : "",
                   p ? wn_badge_name(p->badge) : "", per_ln, elasticity);
  }
}

static void print_arm(const wn_local *l, int arm, int *order, int top) {
  const wn_series *series = &l->result->series[arm];
  shown s = {.local = l, .series = series, .from = l->scenario->t_start, .to = l->scenario->t_end};
  if (series->n_day > 0) s.from = series->day_start + 24.0 * (series->n_day - 1), s.to = s.from + 24;
  fprintf(stdout, "\n%s", l->scenario->arm[arm].label);
  fprintf(stdout, series->n_day > 0 ? ", dosing day %d\n" : ", the whole run\n", series->n_day);
  wn_columns c;
  wn_columns_init(&c, 8, 2, "...r..rr");
  wn_columns_add(&c, "metric", "is", "moves with", "which is", "", "badge", "d/d ln", "elasticity");
  for (int i = 0; i < l->metrics.n; i++) {
    const wn_local_metric *m = &l->metrics.data[i];
    if (m->arm != arm || !is_shown(&s, m)) continue;
    sort_columns(m, l->n_sens, order);
    add_rows(&c, l, m, order, top);
  }
  wn_columns_print(&c, stdout, wn_app_columns() < 110 ? 110 : wn_app_columns());
}

static wn_status print_table(const wn_local *l, int top, wn_error *err) {
  const wn_scenario *s = l->scenario;
  int width = wn_app_columns();
  int *order = wn_alloc((size_t)l->n_sens * sizeof *order);
  if (!order) return wn_fail_memory(err);
  wn_print_wrapped(stdout, s->title, width, 0, 0);
  for (int arm = 0; arm < s->n_arm; arm++) print_arm(l, arm, order, top);
  wn_free(order);
  fputc('\n', stdout);
  wn_print_wrapped(
      stdout,
      "d/d ln: change per unit of the parameter's logarithm; a tenth of it is what 10 % more bring, as long "
      "as that is little. Held fixed: the times of the doses, and when an equation switches.",
      width, 0, 0);
  wn_print_wrapped(stdout, s->caption && *s->caption ? s->caption : s->model->caption, width, 0, 0);
  fprintf(stdout, "%s\n", WN_NOT_MEDICAL_ADVICE);
  return WN_OK;
}

// ---- the command

static wn_status check_output(const wn_args *args, wn_error *err) {
  static const char *const others[] = {"summary", "json", "data", "watch", NULL};
  for (int i = 0; others[i]; i++)
    if (wn_args_has(args, others[i]))
      return wn_fail(err, WN_ERR_USER, "--sensitivity local: --%s does not go with it; its rows go to --out FILE.csv",
                     others[i]);
  const char *out = wn_args_value(args, "out");
  if (out && !wn_path_ends_packed(out, ".csv"))
    return wn_fail(err, WN_ERR_USER, "--out: expected a file ending in .csv or .csv.gz, got \"%.80s\"", out);
  const char *plot = wn_args_value(args, "plot");
  if (wn_args_has(args, "show") && !plot) return wn_fail(err, WN_ERR_USER, "--show: needs --plot FILE.svg");
  if (!plot) return WN_OK;
  if (wn_write_check(WN_WRITE_PLOT, plot, err)) return wn_fail_prefix(err, "--plot");
  return wn_app_check_place(plot, err);
}

static wn_status write_out(const wn_args *args, const wn_local *local, wn_error *err) {
  const char *out = wn_args_value(args, "out");
  if (!out) return WN_OK;
  char *line = wn_request_line(args);
  if (!line) return wn_fail_memory(err);
  wn_status status = wn_write_local_csv(local, out, line, err);
  wn_free(line);
  return status;
}

static wn_status run(const wn_args *args, wn_request *request, wn_error *err) {
  int top = TOP;
  wn_study *study;
  wn_local *local = NULL;
  WN_TRY(check_output(args, err));
  WN_TRY(read_top(args, &top, err));
  WN_TRY(wn_request_read(args, request, err));
  if (request->def.n > 1)
    return wn_fail(err, WN_ERR_USER, "--n: local sensitivities are of the typical individual; leave --n out");
  WN_TRY(wn_app_plan(args, request, &study, err));
  wn_status status = wn_app_check_doses(args, study, err);
  if (!status) status = derive(args, study, &local, err);
  const char *plot = wn_args_value(args, "plot");
  if (!status && plot) status = wn_app_local_plot(local, wn_args_value(args, "show"), plot, err);
  if (!status) status = write_out(args, local, err);
  if (!status && !wn_args_has(args, "quiet")) status = print_table(local, top, err);
  wn_local_destroy(local);
  wn_study_close(study);
  return status;
}

int wn_app_local(const wn_args *args) {
  wn_error err = {0};
  wn_request *request = wn_alloc(sizeof *request);
  wn_status status = request ? run(args, request, &err) : wn_fail_memory(&err);
  wn_free(request);
  return status ? wn_app_fail(&err) : WN_EXIT_OK;
}
