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
    {"seed", "S", "whose habits are drawn where people have some, default 1", false},
    {"json", NULL, "the same as a JSON array", false},
    {0},
};

// One arm: its subject, what the subject makes of the doses, and what routes make of them.
typedef struct arm_view {
  const wn_scenario *scenario;
  const wn_subject *subject;
  wn_doses doses;
  wn_taken_list taken;  // where people have habits: every planned dose, missed ones too
  double *values;
} arm_view;

static wn_status view_init(arm_view *v, const wn_scenario *s, const wn_subject *subject, wn_error *err) {
  const wn_doses *planned = &subject->arm->doses;
  *v = (arm_view){.scenario = s, .subject = subject};
  v->values = wn_alloc(((size_t)wn_routes_n(s->model) + 1) * sizeof *v->values);
  if (!v->values) return wn_fail_memory(err);
  WN_TRY(wn_routes_eval(s->model, 1, subject->param, 0, NULL, v->values, err));
  WN_TRY(wn_subject_doses(s, subject, &v->doses, err));
  return wn_adherence_live(planned->data, planned->n, s->seed, subject->number, s->t_start, s->t_end, &v->taken, err);
}

static void view_free(arm_view *v) {
  WN_ARRAY_FREE(&v->doses);
  WN_ARRAY_FREE(&v->taken);
  wn_free(v->values);
}

// what an action does and why; where people have habits also what was planned
static void words_of(const arm_view *v, const wn_action *action, char what[160], char why[512]) {
  char habit[128] = "";
  int at = -1;
  wn_action_explain(v->scenario->model, v->doses.data, v->values, action, what, why);
  for (int i = 0; i < v->taken.n; i++) {
    const wn_taken *taken = &v->taken.data[i];
    if (taken->is_missed || ++at != action->record || taken->dose.n_habit == 0) continue;
    wn_taken_words(taken, v->scenario->model->route[taken->dose.route].unit, habit);
  }
  size_t n = strlen(why);
  if (habit[0]) snprintf(why + n, 512 - n, "; %s", habit);
}

static void print_missed(const arm_view *v) {
  int n = 0;
  for (int i = 0; i < v->taken.n; i++) n += v->taken.data[i].is_missed;
  if (n == 0) return;
  wn_columns c;
  wn_columns_init(&c, 4, 2, "r...");
  for (int i = 0; i < v->taken.n; i++) {
    const wn_taken *t = &v->taken.data[i];
    char clock[6];
    if (!t->is_missed) continue;
    wn_format_clock(t->planned, clock);
    wn_columns_add(
        &c, wn_columns_text(&c, "%.6g h", t->planned), wn_columns_text(&c, "day %d %s", wn_day_of(t->planned), clock),
        wn_columns_text(&c, "%g %s missed", t->asked, v->scenario->model->route[t->dose.route].unit), t->dose.note);
  }
  fprintf(stdout, "  not taken:\n");
  wn_columns_print(&c, stdout, wn_app_columns());
}

static void print_arm(const arm_view *v) {
  const wn_scenario *s = v->scenario;
  const wn_subject *subject = v->subject;
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
    char clock[6], what[160], why[512];
    wn_format_clock(action->time, clock);
    words_of(v, action, what, why);
    wn_columns_add(&c, wn_columns_text(&c, "%.6g h", action->time),
                   wn_columns_text(&c, "day %d %s", wn_day_of(action->time), clock), what, why);
  }
  wn_columns_print(&c, stdout, wn_app_columns());
  print_missed(v);
  if (wn_doses_have_habits(arm->doses.data, arm->doses.n))
    fprintf(stdout, "  as drawn for one person, seed %llu\n", (unsigned long long)s->seed);
}

static void append_arm(const arm_view *v, json_t *list) {
  const wn_scenario *s = v->scenario;
  const wn_subject *subject = v->subject;
  const wn_arm *arm = subject->arm;
  for (int i = 0; i < subject->schedule.n_action; i++) {
    const wn_action *action = &subject->schedule.action[i];
    const wn_state *state = &s->model->state[action->state];
    char clock[6], what[160], why[512];
    wn_format_clock(action->time, clock);
    words_of(v, action, what, why);
    json_array_append_new(list, json_pack("{s:s, s:f, s:i, s:s, s:s, s:s, s:f, s:s, s:s, s:s}", "arm", arm->name,
                                          "time", action->time, "day", wn_day_of(action->time), "clock", clock, "kind",
                                          action->kind == WN_ACT_BOLUS ? "bolus" : "rate", "state", state->name,
                                          "amount", action->amount, "unit", state->unit, "what", what, "why", why));
  }
}

static wn_status explain(const wn_args *args, const wn_scenario *s, wn_error *err) {
  wn_subject *subjects;
  WN_TRY(wn_subjects_create(s, &subjects, err));
  json_t *list = json_array();
  bool json = wn_args_has(args, "json");
  wn_status status = list ? WN_OK : wn_fail_memory(err);
  for (int i = 0; !status && i < s->n_arm; i++) {
    arm_view v;
    status = view_init(&v, s, &subjects[i], err);
    if (!status && json) append_arm(&v, list);
    if (!status && !json) print_arm(&v);
    view_free(&v);
  }
  bool ok = !json || status ||
            (json_dumpf(list, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(15)) == 0 && fputc('\n', stdout) != EOF);
  json_decref(list);
  wn_subjects_destroy(subjects, s->n_arm);
  return status || ok || ferror(stdout) ? status : wn_fail_memory(err);
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
