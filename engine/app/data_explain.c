// data_explain.c - explain with --data: what every record comes to, in words. Invariant: the actions are those a run
// would apply, from the same walk; records are named by their line in the file.

#include "data.h"

#include "base/text.h"
#include "io/grid.h"
#include "sim/day.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// One individual on its way to the page.
typedef struct page {
  const wn_job *job;
  const wn_records_result *result;
  const wn_record *record;  // its records
  int first;                // their first row
  const wn_timeline *timeline;
  const double *F;  // by action
  wn_columns columns;
} page;

static int line_of(const page *p, int record) { return p->job->data->line[p->first + record]; }

static const wn_route *route_of(const page *p, const wn_action *a) {
  return &p->job->data->model->route[p->record[a->record].route];
}

static bool is_because(const wn_action *a, const char *why) { return a->why && strcmp(a->why, why) == 0; }

// "ADDL 2 of 5 of record 3"
static const char *name_dose(page *p, const wn_action *a) {
  int line = line_of(p, a->record);
  if (a->repeat > 0)
    return wn_columns_text(&p->columns, "ADDL %d of %d of record %d", a->repeat, p->record[a->record].addl, line);
  const bool was_there = is_because(a, WN_INFUSION_GOES_ON);
  if (a->repeat < 0)
    return wn_columns_text(&p->columns, "%s %d interval%s before record %d", was_there ? "begun" : "given", -a->repeat,
                           a->repeat < -1 ? "s" : "", line);
  return wn_columns_text(&p->columns, "record %d", line);
}

// ", lag 0.5 h, F 0.8"
static const char *name_changes(page *p, const wn_action *a, double F) {
  const wn_record *r = &p->record[a->record];
  double lag = a->time - r->time - (a->repeat ? a->repeat * r->ii : 0);
  const bool enters = a->kind == WN_ACT_BOLUS || is_because(a, WN_INFUSION_BEGINS);
  const bool gives = a->kind == WN_ACT_BOLUS || (a->why && !is_because(a, WN_INFUSION_ENDS));
  const char *late = enters && lag > WN_SAME_TIME ? wn_columns_text(&p->columns, ", lag %.6g h", lag) : "";
  const char *share = gives && F != 1 ? wn_columns_text(&p->columns, ", F %.6g", F) : "";
  return wn_columns_text(&p->columns, "%s%s", late, share);
}

static void add_line(page *p, double time, const char *what, const char *why) {
  char clock[6];
  wn_format_clock(time, clock);
  wn_columns_add(&p->columns, wn_columns_text(&p->columns, "%.6g h", time),
                 wn_columns_text(&p->columns, "day %d %s", wn_day_of(time), clock), what, why);
}

static bool belongs(const wn_action *a, const wn_action *b) {
  return a->kind == b->kind && a->record == b->record && a->repeat == b->repeat && a->time == b->time && b->by < 0 &&
         (a->why == b->why || (a->why && b->why && strcmp(a->why, b->why) == 0));
}

// a dose, or what an infusion changes, in all the states that its compartment reaches. Returns how many actions it
// took.
static int add_dose(page *p, int i) {
  const wn_action *a = &p->timeline->action.data[i];
  const wn_state *state = p->job->data->model->state;
  const char *what = "";
  int n = 0;
  for (; i + n < p->timeline->action.n; n++) {
    const wn_action *b = &p->timeline->action.data[i + n];
    if (n >= route_of(p, a)->n_target || !belongs(a, b)) break;
    const wn_state *to = &state[b->state];
    const char *part = a->kind == WN_ACT_BOLUS
                           ? wn_columns_text(&p->columns, "%.6g %s into %s", b->amount, to->unit, to->name)
                           : wn_columns_text(&p->columns, "%s now receives %.6g %s/h", to->name, b->amount, to->unit);
    what = wn_columns_text(&p->columns, "%s%s%s", what, n ? ", " : "", part);
  }
  if (a->kind == WN_ACT_RATE) what = wn_columns_text(&p->columns, "%s: %s", a->why, what);
  const char *name = name_dose(p, a), *changes = name_changes(p, a, p->F[i]);
  add_line(p, a->time, what, wn_columns_text(&p->columns, "%s%s", name, changes));
  return n;
}

// what will not happen, told at the record that cancels it
static void add_cancelled(page *p, const wn_action *a) {
  const wn_record *r = &p->record[a->record];
  const char *what, *rest = "";
  if (a->kind == WN_ACT_RATE)
    what = wn_columns_text(&p->columns, "the infusion into %s stops, %.6g h before its end", route_of(p, a)->name,
                           a->time - p->record[a->by].time);
  else {
    int left = r->addl - a->repeat;
    if (left > 0) rest = wn_columns_text(&p->columns, ", nor do%s the %d after it", left == 1 ? "es" : "", left);
    what = wn_columns_text(&p->columns, "the dose into %s due at %.6g h does not happen%s", route_of(p, a)->name,
                           a->time, rest);
  }
  add_line(p, p->record[a->by].time, what,
           wn_columns_text(&p->columns, "%s, cancelled by record %d (%s)", name_dose(p, a), line_of(p, a->by), a->why));
}

static int compare_row(const void *row, const void *note) {
  int a = *(const int *)row, b = ((const wn_steady_note *)note)->row;
  return (a > b) - (a < b);
}

// how well it was found, and how long it takes to get there
static const char *name_accuracy(page *p, int record) {
  int row = p->first + record, n = p->result->steady.n;
  const wn_steady_note *all = p->result->steady.data;
  const wn_steady_note *note = n ? bsearch(&row, all, (size_t)n, sizeof *all, compare_row) : NULL;
  if (!note) return "";
  double hours = note->report.hours_to_95;
  return wn_columns_text(&p->columns, "; 95 %% reached in %.3g %s, residual %.1g", hours < 48 ? hours : hours / 24,
                         hours < 48 ? "h" : "days", note->report.residual);
}

static void add_steady(page *p, const wn_action *a) {
  const wn_record *r = &p->record[a->record];
  const wn_steady *s = &p->timeline->steady.data[a->index];
  const wn_state *state = p->job->data->model->state;
  bool rate = s->constant || s->duration > 0;
  const char *what = "";
  for (int k = 0; k < s->n_target; k++)
    what = wn_columns_text(&p->columns, "%s%s%.6g %s%s into %s", what, k ? ", " : "", s->amount[k],
                           state[s->target[k]].unit, rate ? "/h" : "", state[s->target[k]].name);
  const char *how = s->constant ? "until now" : wn_columns_text(&p->columns, "every %.6g h", s->period);
  const char *span = s->duration > 0 ? wn_columns_text(&p->columns, " for %.6g h", s->duration) : "";
  const char *late = !s->constant && s->phase < s->period - WN_SAME_TIME
                         ? wn_columns_text(&p->columns, ", the next in %.6g h", s->period - s->phase)
                         : "";
  what = wn_columns_text(&p->columns, "steady state%s: %s%s %s since ever%s", s->add ? ", added to what is there" : "",
                         what, span, how, late);
  add_line(
      p, r->time, what,
      wn_columns_text(&p->columns, "record %d, SS %d%s%s", line_of(p, a->record), r->ss, name_accuracy(p, a->record),
                      s->n_coming > 0 ? "; its lag is II or longer: until it is over NONMEM prints other values" : ""));
}

static void add_switch(page *p, const wn_action *a) {
  const char *name = p->job->data->model->state[a->state].name;
  const char *what =
      wn_columns_text(&p->columns, "%s is switched %s", name, a->kind == WN_ACT_OFF ? "off and emptied" : "on");
  add_line(p, a->time, what, wn_columns_text(&p->columns, "record %d", line_of(p, a->record)));
}

static int add_action(page *p, int i) {
  const wn_action *a = &p->timeline->action.data[i];
  // an individual begins with its initial values; that is no event
  bool begins = a->kind == WN_ACT_RESET && p->record[a->record].evid != 3 && p->record[a->record].evid != 4;
  if (a->by >= 0)
    add_cancelled(p, a);
  else if (a->kind == WN_ACT_BOLUS || a->kind == WN_ACT_RATE)
    return add_dose(p, i);
  else if (a->kind == WN_ACT_STEADY)
    add_steady(p, a);
  else if (a->kind == WN_ACT_OFF || a->kind == WN_ACT_ON)
    add_switch(p, a);
  else if (a->kind == WN_ACT_RESET && !begins && i > 2)
    add_line(p, a->time, "reset: all states to their initial values",
             wn_columns_text(&p->columns, "%s%s", name_dose(p, a),
                             p->record[a->record].evid == 3 && p->record[a->record].state >= 0
                                 ? "; its CMT is not read, all compartments are reset"
                                 : ""));
  return 1;
}

// records at one time whose order the tools see differently
static void print_ties(const page *p, int n) {
  for (int i = 0; i < n; i++) {
    const wn_record *r = &p->record[i];
    if (r->evid != 1) continue;
    int k = i;
    while (k > 0 && p->record[k - 1].time == r->time && p->record[k - 1].evid == 0) k--;
    if (k == i) continue;
    char before[64];
    snprintf(before, sizeof before, i - k > 1 ? "records %d to %d" : "record %d", line_of(p, k), line_of(p, i - 1));
    printf("  tie: %s, observed at %.6g h, the time of the dose of record %d: before the dose in NONMEM and mrgsolve, "
           "after it in rxode2; here %s\n",
           before, r->time, line_of(p, i), p->job->def.dialect == WN_DIALECT_RXODE2 ? "after it" : "before it");
  }
}

static wn_status explain_individual(const wn_job *j, const wn_records_result *r, int i, wn_error *err) {
  const wn_dataset *data = j->data;
  wn_timeline timeline;
  WN_TRY(wn_records_timeline(&j->def, i, &timeline, err));
  double *F = wn_alloc_doubles((size_t)timeline.action.n);
  wn_status status = F ? wn_records_given(&j->def, i, &timeline, F, err) : wn_fail_memory(err);
  if (!status) {
    page p = {.job = j, .result = r, .first = data->first[i], .timeline = &timeline, .F = F};
    p.record = data->record + p.first;
    fputs("ID ", stdout);
    wn_print_clean(stdout, data->id[i]);
    putchar('\n');
    wn_columns_init(&p.columns, 4, 2, "r...");
    for (int k = 0; k < timeline.action.n;) k += add_action(&p, k);
    wn_columns_print(&p.columns, stdout, wn_app_columns());
    print_ties(&p, data->first[i + 1] - p.first);
  }
  wn_free(F);
  wn_timeline_free(&timeline);
  return status;
}

static bool covariates_change(const wn_dataset *d) {
  int n = d->model->n_covariate;
  for (int i = 0; i < d->n_subject; i++)
    for (int row = d->first[i] + 1; row < d->first[i + 1]; row++)
      if (memcmp(d->covariate + (size_t)row * (size_t)n, d->covariate + (size_t)(row - 1) * (size_t)n,
                 (size_t)n * sizeof(double)) != 0)
        return true;
  return false;
}

static void print_rules(const wn_job *j) {
  fputs("Records are named by their line in ", stdout);
  wn_print_clean(stdout, j->data->path);
  printf(". F and durations of doses that enter later are those of %s.\n",
         j->def.callfl == -1 ? "the record in force when they enter (--callfl -1)" : "their own record");
  if (covariates_change(j->data))
    printf(
        "Covariates change between records: NONMEM and mrgsolve carry the later record's backward, rxode2 the earlier "
        "one's forward; here %s, where the model does not say.\n",
        j->def.dialect == WN_DIALECT_RXODE2 ? "forward" : "backward");
}

int wn_app_explain_data(const wn_args *args) {
  wn_error err = {0};
  wn_job *j = wn_alloc(sizeof *j);
  wn_records_result r = {0};
  if (!j) return wn_fail_memory(&err), wn_app_fail(&err);
  int status = WN_EXIT_OK;
  if (wn_job_open(args, j, &err) || wn_job_next(j, SIZE_MAX, &err) || wn_records_run(&j->def, &r, &err) ||
      wn_job_note(j, &r, &err))
    status = wn_app_fail(&err);
  for (int i = 0; !status && i < j->data->n_subject; i++)
    if (explain_individual(j, &r, i, &err)) status = wn_app_fail(&err);
  if (!status) {
    print_rules(j);
    fflush(stdout);
    status = wn_job_say(j);
  }
  wn_records_result_free(&r);
  wn_job_close(j);
  wn_free(j);
  return status;
}
