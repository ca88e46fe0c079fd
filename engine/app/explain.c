// explain.c - wane explain: every effective dosing action of every arm: when, what, why. Invariant: the actions are
// those a run would apply, expanded by the same code.

#include "app.h"

#include "base/text.h"
#include "sim/day.h"
#include "sim/routes.h"
#include "sim/subject.h"

#include <jansson.h>
#include <string.h>

static const wn_flag flags[] = {
    {"set", "NAME=VALUE", "a model parameter or scenario option", true},
    {"hypothesis", "NAME", "one of the model's named parameter sets", false},
    {"dose", "TEXT", "a regimen for a bare model: \"4.5 mg into GUT at 22:00 every 24h for 28d\"", true},
    {"data", "RECORDS.csv", "NONMEM-style dose records; one output row per record", false},
    {"dialect", "NAME", "nonmem, mrgsolve or rxode2: whose tie and covariate rules --data follows; default nonmem",
     false},
    {"callfl", "-1", "F and duration of late doses are those of the record in force, as in NONMEM with CALLFL -1 or -2",
     false},
    {"until", "TIME", "how far", false},
    {"json", NULL, "the same as a JSON array", false},
    {0},
};

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
    double *values = wn_arena_alloc(arena, ((size_t)wn_routes_n(s->model) + 1) * sizeof *values);
    ok = values && !wn_routes_eval(s->model, 1, subjects[i].arm->param, 0, NULL, values, err);
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
  if (wn_args_has(args, "data")) return wn_app_explain_data(args);
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
