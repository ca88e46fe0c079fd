// netcdf_run.c - the trajectories of a run as a NetCDF-4 file. Invariant: what is in the file is what the result holds,
// to the bit. Simulates nothing.

#include "io/netcdf_build.h"

#include "model/provenance.h"

#include <math.h>
#include <string.h>

// where the variables of the file are
typedef struct layout {
  int arm, label, subject, time, clock, status, message, column;  // column: the first of n_column
} layout;

static int longest(int n, const char *const *text) {
  size_t most = 1;
  for (int i = 0; i < n; i++)
    if (strlen(text[i]) > most) most = strlen(text[i]);
  return (int)most;
}

static int arm_width(const wn_scenario *s, bool label) {
  int most = 1;
  for (int i = 0; i < s->n_arm; i++) {
    const char *text = label ? s->arm[i].label : s->arm[i].name;
    int n = longest(1, &text);
    if (n > most) most = n;
  }
  return most;
}

static int message_width(const wn_result *r) {
  int most = 1;
  for (int i = 0; i < r->n_series; i++) {
    const char *text = r->series[i].message;
    int n = longest(1, &text);
    if (n > most) most = n;
  }
  return most;
}

static void add_about(wn_netcdf_build *b, const wn_result *r, const wn_origin *origin) {
  const wn_scenario *s = r->scenario;
  wn_netcdf_build_origin(b, s->title, s->caption && *s->caption ? s->caption : s->model->caption, origin);
  wn_netcdf_build_note(b, -1, "scenario", "%s", s->name);
  wn_netcdf_build_note(b, -1, "model", "%s", s->model->name);
  wn_netcdf_build_note(b, -1, "solver", "%s", r->solver);
  char second[160];
  wn_result_seconds_words(r, second);
  if (*second) wn_netcdf_build_note(b, -1, "second_solver", "%s", second);
  if (*r->verified) wn_netcdf_build_note(b, -1, "verified", "%s", r->verified);
  if (wn_scenario_n_subject(s) > 1) wn_netcdf_build_number(b, -1, "seed", (double)s->seed);
}

static void add_column(wn_netcdf_build *b, const wn_result *r, int column, int dim[3]) {
  const wn_model *m = r->scenario->model;
  int output = column - m->n_state;
  const char *name = output < 0 ? m->state[column].name : m->output[output].name;
  const char *unit = output < 0 ? m->state[column].unit : m->output[output].unit;
  const char *meaning = output < 0 ? m->state[column].meaning : m->output[output].meaning;
  int v =
      wn_netcdf_build_variable(b, name, WN_NETCDF_DOUBLE, unit, meaning ? meaning : name, 3, dim[0], dim[1], dim[2]);
  wn_netcdf_build_note(b, v, "coordinates", "clock arm_label");
  wn_netcdf_build_note(b, v, "cell_methods", "time: point");
  wn_netcdf_build_note(b, v, "ancillary_variables", "status");
  wn_netcdf_build_note(b, v, "kind", output < 0 ? "state" : "output");
  if (output < 0) return;
  int counts[3];
  wn_model_badges(m, &output, 1, counts);
  wn_netcdf_build_note(b, v, "rests_on", "%d measured, %d fitted and %d assumed parameters", counts[WN_MEASURED],
                       counts[WN_FITTED], counts[WN_ASSUMED]);
}

static void lay_out(wn_netcdf_build *b, const wn_result *r, layout *at) {
  const wn_scenario *s = r->scenario;
  int dim[3] = {wn_netcdf_build_dimension(b, "arm", s->n_arm),
                wn_netcdf_build_dimension(b, "subject", wn_scenario_n_subject(s)),
                wn_netcdf_build_dimension(b, "time", r->n_time)};
  at->arm = wn_netcdf_build_text(b, "arm", arm_width(s, false), "name of the arm", 1, dim[0]);
  at->label = wn_netcdf_build_text(b, "arm_label", arm_width(s, true), "the arm in words", 1, dim[0]);
  at->subject =
      wn_netcdf_build_variable(b, "subject", WN_NETCDF_INT, "1", "individual, the same person in every arm", 1, dim[1]);
  at->time = wn_netcdf_build_variable(b, "time", WN_NETCDF_DOUBLE, "h", "hours since midnight of day 1", 1, dim[2]);
  at->clock = wn_netcdf_build_variable(b, "clock", WN_NETCDF_DOUBLE, "h", "clock time, hours since the last midnight",
                                       1, dim[2]);
  at->status =
      wn_netcdf_build_variable(b, "status", WN_NETCDF_BYTE, "1", "what became of the simulation", 2, dim[0], dim[1]);
  wn_netcdf_build_flags(b, at->status, "done failed");
  at->message = wn_netcdf_build_text(b, "message", message_width(r), "why it failed", 2, dim[0], dim[1]);
  at->column = b->variables.n;
  for (int c = 0; c < r->n_column; c++) add_column(b, r, c, dim);
}

static wn_status put_coordinates(wn_netcdf *file, const wn_result *r, const layout *at, wn_error *err) {
  const wn_scenario *s = r->scenario;
  const int64_t zero = 0, one = 1, n_time = r->n_time;
  for (int64_t i = 0; i < s->n_arm; i++) {
    WN_TRY(wn_netcdf_put_text(file, at->arm, &i, &one, &s->arm[i].name, err));
    WN_TRY(wn_netcdf_put_text(file, at->label, &i, &one, &s->arm[i].label, err));
  }
  for (int64_t i = 0; i < wn_scenario_n_subject(s); i++) {
    int number = r->series[i].subject;
    WN_TRY(wn_netcdf_put_int(file, at->subject, &i, &one, &number, err));
  }
  WN_TRY(wn_netcdf_put(file, at->time, &zero, &n_time, r->time, err));
  double clock[256];
  for (int64_t k = 0; k < n_time; k += 256) {
    int64_t n = n_time - k < 256 ? n_time - k : 256;
    for (int64_t i = 0; i < n; i++) clock[i] = r->time[k + i] - 24 * floor(r->time[k + i] / 24);
    WN_TRY(wn_netcdf_put(file, at->clock, &k, &n, clock, err));
  }
  return WN_OK;
}

static wn_status put_series(wn_netcdf *file, const wn_result *r, const layout *at, int series, wn_error *err) {
  const wn_series *s = &r->series[series];
  const double *value = r->value + (size_t)series * (size_t)r->n_column * (size_t)r->n_time;
  int64_t start[3] = {s->arm, s->subject - 1, 0}, count[3] = {1, 1, r->n_time};
  int status = s->status != WN_OK;
  const char *message = s->message;
  WN_TRY(wn_netcdf_put_int(file, at->status, start, count, &status, err));
  WN_TRY(wn_netcdf_put_text(file, at->message, start, count, &message, err));
  for (int c = 0; c < r->n_column; c++)
    WN_TRY(wn_netcdf_put(file, at->column + c, start, count, value + (size_t)c * (size_t)r->n_time, err));
  return WN_OK;
}

static wn_status fill(wn_netcdf *file, const wn_result *r, const layout *at, wn_error *err) {
  WN_TRY(put_coordinates(file, r, at, err));
  for (int i = 0; i < r->n_series; i++) WN_TRY(put_series(file, r, at, i, err));
  return WN_OK;
}

wn_status wn_write_trajectories_netcdf(const wn_result *result, const char *path, const wn_origin *origin,
                                       wn_error *err) {
  wn_netcdf_build build;
  wn_netcdf_def def;
  wn_netcdf *file = NULL;
  layout at = {0};
  wn_netcdf_build_init(&build);
  add_about(&build, result, origin);
  lay_out(&build, result, &at);
  wn_status status = wn_netcdf_build_finish(&build, &def, err);
  if (!status) status = wn_netcdf_create(path, &def, &file, err);
  if (!status) status = fill(file, result, &at, err);
  if (!status)
    status = wn_netcdf_commit(file, err);
  else
    wn_netcdf_abandon(file);
  wn_netcdf_build_free(&build);
  return status;
}
