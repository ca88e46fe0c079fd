// conform_laws.c - what must be true of any model, whatever its numbers: lanes, threads, dense output; and of a linear
// one: superposition and dose linearity. Invariant: what is compared differs in how it was computed, or in one factor.

#include "conform.h"

#include <stdlib.h>
#include <string.h>

enum { N_LOOK = 50, N_CROWD = 40, N_LANE = 5, MANY_THREADS = 8 };

// too small to move any number, but it makes the solver begin anew
static const double NOTHING = 1e-290;

typedef struct law {
  wn_conform *c;
  const wn_trial *trial;
  wn_sheet sheet;
  wn_means means;
  wn_answer answer;
} law;

static law begin(wn_conform *c, const wn_trial *trial) {
  law l = {.c = c, .trial = trial, .means = wn_means_of(c, "auto")};
  wn_sheet_open(&l.sheet, trial);
  return l;
}

static wn_status close_and_run(law *l, wn_error *err) {
  WN_TRY(wn_sheet_close(&l->sheet, err));
  return wn_sheet_run(l->sheet.data, l->trial->param, &l->means, &l->answer, err);
}

static void finish(law *l) {
  wn_answer_free(&l->answer);
  wn_sheet_free(&l->sheet);
}

// curves of two individuals, added: `result` is of the arena
static wn_status sum(law *l, int a, int b, wn_curve *result, wn_error *err) {
  wn_curve other;
  WN_TRY(wn_curve_take(l->c, &l->answer, a, result, err));
  WN_TRY(wn_curve_take(l->c, &l->answer, b, &other, err));
  for (int i = 0; i < result->n * result->n_column; i++) result->value[i] += other.value[i];
  return WN_OK;
}

// f(a) + f(b) = f(c) + f(d) for the states of individuals a, b, c, d
static wn_status judge_sums(law *l, const char *what, const int who[4], wn_error *err) {
  wn_curve left, right;
  wn_agreement agreement = {0};
  if (!l->answer.value) return wn_conform_note(l->c, l->trial, what, "auto", WN_VERDICT_SHORT, l->answer.reason, err);
  l->means.solver = l->answer.solver;
  WN_TRY(sum(l, who[0], who[1], &left, err));
  WN_TRY(sum(l, who[2], who[3], &right, err));
  wn_bound bound = wn_bound_sum(wn_bound_of(&l->means), wn_bound_of(&l->means));
  WN_TRY(wn_agree(&agreement, l->trial, &left, &right, WN_PART_STATES, bound, err));
  return wn_conform_found(l->c, l->trial, what, l->answer.solver, &agreement, err);
}

// the trial's doses, a dose of another kind, both, neither
static wn_status superpose(wn_conform *c, const wn_trial *trial, wn_error *err) {
  static const int who[] = {0, 1, 2, 3};
  law l = begin(c, trial);
  wn_record other;
  wn_trial_dose(trial, &other);
  other.route = (other.route + 1) % trial->model->n_route;
  other.time += 5, other.dur = 2, other.amt *= 0.7;
  for (int i = 0; i < 4; i++) {
    if (i > 0) wn_sheet_person(&l.sheet);
    if (i == 0 || i == 2) wn_sheet_doses(&l.sheet, 1, 0);
    if (i == 1 || i == 2) wn_sheet_add(&l.sheet, other);
    wn_sheet_observe_all(&l.sheet, N_LOOK);
  }
  // individual 0 + 1 = 2 + 3
  wn_status status = close_and_run(&l, err);
  if (!status) status = judge_sums(&l, "superposition of two regimens", who, err);
  finish(&l);
  return status;
}

static wn_status scale(wn_conform *c, const wn_trial *trial, wn_error *err) {
  static const double factors[] = {1, 2, 0};
  static const int who[] = {0, 0, 1, 2};
  law l = begin(c, trial);
  for (int i = 0; i < 3; i++) {
    if (i > 0) wn_sheet_person(&l.sheet);
    if (factors[i] > 0) wn_sheet_doses(&l.sheet, factors[i], 0);
    wn_sheet_observe_all(&l.sheet, N_LOOK);
  }
  wn_status status = close_and_run(&l, err);
  if (!status) status = judge_sums(&l, "twice the dose, twice the change", who, err);
  finish(&l);
  return status;
}

static const double lane_factors[N_LANE] = {1, 0.5, 2, 0.1, 3};

// one individual in lanes with others, and alone
static wn_status take_alone(law *together, int i, wn_curve *alone, wn_error *err) {
  law l = begin(together->c, together->trial);
  l.means.solver = together->answer.solver;
  wn_sheet_doses(&l.sheet, lane_factors[i], 0);
  wn_sheet_observe_all(&l.sheet, N_LOOK);
  wn_status status = close_and_run(&l, err);
  if (!status && !l.answer.value) status = wn_fail(err, WN_ERR_RUN, "%s", l.answer.reason);
  if (!status) status = wn_curve_take(l.c, &l.answer, 0, alone, err);
  finish(&l);
  return status;
}

static wn_status judge_lanes(law *l, wn_error *err) {
  static const char what[] = "side by side in lanes = alone";
  wn_agreement agreement = {0};
  if (!l->answer.value) return wn_conform_note(l->c, l->trial, what, "auto", WN_VERDICT_SHORT, l->answer.reason, err);
  l->means.solver = l->answer.solver;
  wn_bound bound = wn_bound_sum(wn_bound_of(&l->means), wn_bound_of(&l->means));
  for (int i = 0; i < N_LANE; i++) {
    wn_curve beside, alone;
    WN_TRY(wn_curve_take(l->c, &l->answer, i, &beside, err));
    wn_status status = take_alone(l, i, &alone, err);
    if (status == WN_ERR_RUN)
      return wn_conform_note(l->c, l->trial, what, l->means.solver, WN_VERDICT_SHORT, err->message, err);
    if (status) return status;
    WN_TRY(wn_agree(&agreement, l->trial, &beside, &alone, WN_PART_ALL, bound, err));
  }
  return wn_conform_found(l->c, l->trial, what, l->means.solver, &agreement, err);
}

static wn_status compare_lanes(wn_conform *c, const wn_trial *trial, wn_error *err) {
  law l = begin(c, trial);
  for (int i = 0; i < N_LANE; i++) {
    if (i > 0) wn_sheet_person(&l.sheet);
    wn_sheet_doses(&l.sheet, lane_factors[i], 0);
    wn_sheet_observe_all(&l.sheet, N_LOOK);
  }
  wn_status status = close_and_run(&l, err);
  if (!status) status = judge_lanes(&l, err);
  finish(&l);
  return status;
}

// a crowd of individuals that differ, by 1 thread and by many
static wn_status compare_threads(wn_conform *c, const wn_trial *trial, wn_error *err) {
  static const char what[] = "1 thread = 8 threads, bit for bit";
  law l = begin(c, trial);
  for (int i = 0; i < N_CROWD; i++) {
    if (i > 0) wn_sheet_person(&l.sheet);
    wn_sheet_doses(&l.sheet, 1 + 0.05 * i, i % 3);
    wn_sheet_observe_all(&l.sheet, 8);
  }
  wn_answer many = {0};
  l.means.draw = trial->model->n_random > 0;
  wn_status status = close_and_run(&l, err);
  l.means.n_thread = MANY_THREADS;
  if (!status) status = wn_sheet_run(l.sheet.data, trial->param, &l.means, &many, err);
  if (!status && !(l.answer.value && many.value)) {
    status =
        wn_conform_note(c, trial, what, "auto", WN_VERDICT_SHORT, l.answer.value ? many.reason : l.answer.reason, err);
  } else if (!status) {
    size_t size = (size_t)l.sheet.data->n_row * (size_t)many.n_column * sizeof(double);
    bool same = memcmp(l.answer.value, many.value, size) == 0;
    wn_agreement agreement = {.any = true, .digits = same ? 16 : 0, .promised = 16, .short_of = !same};
    status = wn_conform_found(c, trial, what, l.answer.solver, &agreement, err);
  }
  wn_answer_free(&many);
  finish(&l);
  return status;
}

// read off within a step, and stopped there to begin anew
static wn_status compare_dense(wn_conform *c, const wn_trial *trial, wn_error *err) {
  static const char what[] = "read off within a step = restart there";
  law l = begin(c, trial);
  wn_sheet_doses(&l.sheet, 1, 0);
  wn_sheet_observe_all(&l.sheet, N_LOOK);
  int n = l.sheet.records.n;
  wn_sheet_person(&l.sheet);
  for (int i = 0; i < n && !l.sheet.failed; i++) {
    wn_record record = l.sheet.records.data[i], stop = {.time = record.time, .evid = 1, .state = -1, .amt = NOTHING};
    stop.route = trial->model->default_route;
    if (record.evid == 0) wn_sheet_add(&l.sheet, stop);
    wn_sheet_add(&l.sheet, record);
  }
  wn_status status = close_and_run(&l, err);
  if (!status && !l.answer.value) {
    status = wn_conform_note(c, trial, what, "auto", WN_VERDICT_SHORT, l.answer.reason, err);
  } else if (!status) {
    wn_curve read, stopped = {0};
    wn_agreement agreement = {0};
    l.means.solver = l.answer.solver;
    wn_bound bound = wn_bound_sum(wn_bound_of(&l.means), wn_bound_of(&l.means));
    status = wn_curve_take(c, &l.answer, 0, &read, err);
    if (!status) status = wn_curve_take(c, &l.answer, 1, &stopped, err);
    if (!status) status = wn_agree(&agreement, trial, &read, &stopped, WN_PART_ALL, bound, err);
    if (!status) status = wn_conform_found(c, trial, what, l.answer.solver, &agreement, err);
  }
  finish(&l);
  return status;
}

wn_status wn_conform_laws(wn_conform *c, const wn_trial *trial, wn_error *err) {
  wn_record dose;
  c->part = "laws";
  if (trial->model->is_linear && wn_trial_dose(trial, &dose)) {
    WN_TRY(superpose(c, trial, err));
    WN_TRY(scale(c, trial, err));
  }
  WN_TRY(compare_lanes(c, trial, err));
  WN_TRY(compare_threads(c, trial, err));
  return compare_dense(c, trial, err);
}
