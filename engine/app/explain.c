// explain.c - wane explain: every effective dosing action of every arm: when, what, why. Invariant: the actions are
// those a run would apply, expanded by the same code.

#include "app.h"

#include "base/text.h"
#include "sim/day.h"
#include "sim/subject.h"

#include <jansson.h>
#include <string.h>

static const wn_flag flags[] = {
    {"set", "NAME=VALUE", "a model parameter or scenario option", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model: \"4.5 mg into GUT at 22:00 every 24h for 28d\"", true},
    {"until", "TIME", "how far", false},
    {"json", NULL, "the same as a JSON array", false},
    {0},
};

// the outputs of model->routes for the arm's parameters, from the arena; NULL out of memory
static double *route_values(const wn_scenario *s, const wn_arm *arm, wn_arena *arena) {
  const wn_program *program = s->model->routes;
  int n = program ? wn_program_n_output(program) : 0, n_param = s->model->n_param;
  double *value = wn_arena_alloc(arena, ((size_t)n + 1) * sizeof *value);
  if (!value || !program) return value;
  double *param = wn_alloc_doubles((size_t)n_param * WN_LANES);
  double *state = wn_alloc_doubles((size_t)s->model->n_state * WN_LANES);
  double *work = wn_alloc_doubles(wn_program_workspace(program, WN_LANES));
  double *out = wn_alloc_doubles((size_t)n * WN_LANES);
  double *time = wn_alloc_doubles(WN_LANES);
  bool ok = param && state && work && out && time;
  for (int i = 0; ok && i < n_param * WN_LANES; i++) param[i] = arm->param[i / WN_LANES];
  for (int i = 0; ok && i < WN_LANES; i++) time[i] = s->t_start;
  if (ok) wn_program_bind(program, WN_LANES, param, NULL, work);
  if (ok) wn_program_eval(program, WN_LANES, time, state, work, out);
  for (int i = 0; ok && i < n; i++) value[i] = out[i * WN_LANES];
  wn_free(param);
  wn_free(state);
  wn_free(work);
  wn_free(out);
  wn_free(time);
  return ok ? value : NULL;
}

static void print_arm(const wn_scenario *s, const wn_subject *subject, const double *values) {
  const wn_arm *arm = subject->arm;
  wn_columns c;
  wn_columns_init(&c, 1, 0, NULL);
  bool labelled = strcmp(arm->name, arm->label) != 0;
  wn_columns_add(&c,
                 wn_columns_text(&c, "%s%s%s, %d action%s", arm->name, labelled ? ": " : "", labelled ? arm->label : "",
                                 subject->schedule.n_action, subject->schedule.n_action == 1 ? "" : "s"));
  wn_columns_print(&c, stdout, wn_app_columns());
  wn_columns_init(&c, 4, 2, "r...");
  for (int i = 0; i < subject->schedule.n_action; i++) {
    const wn_action *action = &subject->schedule.action[i];
    char clock[6], what[160], why[256];
    wn_format_clock(action->time, clock);
    wn_action_explain(s->model, arm->doses.data, values, action, what, why);
    wn_columns_add(&c, wn_columns_text(&c, "%.6g h", action->time),
                   wn_columns_text(&c, "day %d %s", wn_day_of(action->time), clock), what, why);
  }
  wn_columns_print(&c, stdout, wn_app_columns());
}

static void append_arm(const wn_scenario *s, const wn_subject *subject, const double *values, json_t *list) {
  const wn_arm *arm = subject->arm;
  for (int i = 0; i < subject->schedule.n_action; i++) {
    const wn_action *action = &subject->schedule.action[i];
    const wn_state *state = &s->model->state[action->state];
    char clock[6], what[160], why[256];
    wn_format_clock(action->time, clock);
    wn_action_explain(s->model, arm->doses.data, values, action, what, why);
    json_array_append_new(list, json_pack("{s:s, s:f, s:i, s:s, s:s, s:s, s:f, s:s, s:s, s:s}", "arm", arm->name,
                                          "time", action->time, "day", wn_day_of(action->time), "clock", clock, "kind",
                                          action->kind == WN_ACT_BOLUS ? "bolus" : "rate", "state", state->name,
                                          "amount", action->amount, "unit", state->unit, "what", what, "why", why));
  }
}

static wn_status explain(const wn_args *args, const wn_scenario *s, wn_error *err) {
  wn_subject *subjects;
  WN_TRY(wn_subjects_create(s, &subjects, err));
  wn_arena *arena = wn_arena_create();
  json_t *list = json_array();
  bool json = wn_args_has(args, "json"), ok = arena && list;
  for (int i = 0; ok && i < s->n_arm; i++) {
    double *values = route_values(s, subjects[i].arm, arena);
    ok = values != NULL;
    if (ok && json) append_arm(s, &subjects[i], values, list);
    if (ok && !json) print_arm(s, &subjects[i], values);
  }
  if (ok && json)
    ok = json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0 && fputc('\n', stdout) != EOF;
  json_decref(list);
  if (arena) wn_arena_destroy(arena);
  wn_subjects_destroy(subjects, s->n_arm);
  return ok || ferror(stdout) ? WN_OK : wn_fail_memory(err);
}

static int run(const wn_args *args) {
  wn_error err = {0};
  wn_study *study = NULL;
  wn_request *request = wn_alloc(sizeof *request);
  wn_status status = request ? wn_request_read(args, request, &err) : wn_fail_memory(&err);
  if (!status) status = wn_app_plan(args, request, &study, &err);
  if (!status) status = explain(args, study->scenario, &err);
  wn_free(request);
  wn_study_close(study);
  return status ? wn_app_fail(&err) : WN_EXIT_OK;
}

const wn_command wn_command_explain = {
    .name = "explain",
    .operand = "FILE",
    .summary = "every effective dosing action: time, clock, what, why",
    .text = "Say for every arm what is given when, into which state, and which record, repetition, lag and "
            "bioavailability\n"
            "made it so.",
    .flags = flags,
    .run = run,
};
