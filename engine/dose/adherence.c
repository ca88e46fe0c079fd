// adherence.c - planned doses become taken ones. Invariant: every draw is keyed, so neither the order of records nor
// what other habits do changes it. It must not know a model's equations.

#include "dose/adherence.h"

#include "base/rng.h"

#include "base/text.h"

#include <math.h>
#include <stdio.h>

// What a habit remembers from one dose of a regimen to the next.
typedef struct memory {
  int number;    // of the last dose; another regimen begins where the next does not follow
  bool missed;   // the last one
  double owed;   // amount to be made up for
  double until;  // end of a holiday
} memory;

typedef struct life {
  uint64_t seed;
  int subject;
  memory memory[WN_MAX_HABIT];
} life;

bool wn_doses_have_habits(const wn_dose *doses, int n) {
  for (int i = 0; i < n; i++)
    if (doses[i].n_habit > 0) return true;
  return false;
}

static wn_rng_key key_of(const life *l, const wn_habit *habit, int number, uint32_t index) {
  return (wn_rng_key){.seed = l->seed,
                      .subject = (uint32_t)l->subject,
                      .occasion = (uint32_t)number,
                      .name = habit->name,
                      .index = index};
}

static bool happens(const life *l, const wn_habit *habit, int number, uint32_t index, double p) {
  return p > 0 && wn_rng_uniform(key_of(l, habit, number, index)) < p;
}

// the day of the week on which a dose is planned, from 0 for Monday
static int weekday(double time) {
  double day = floor(time / 24 + 1e-9);
  return (int)(day - 7 * floor(day / 7));
}

static void be_late(const life *l, const wn_habit *habit, int number, wn_taken *t) {
  double z = wn_rng_normal(key_of(l, habit, number, 0));
  t->dose.time += habit->is_log ? habit->by * exp(habit->spread * z) : habit->by + habit->spread * z;
}

static void be_forgetful(const life *l, const wn_habit *habit, int number, memory *m, wn_taken *t) {
  if (t->is_missed) return;
  bool missed = happens(l, habit, number, 0, m->missed ? habit->again : habit->p);
  m->missed = missed;
  if (missed) {
    t->is_missed = true;
    if (happens(l, habit, number, 1, habit->doubled)) m->owed = t->asked;
    return;
  }
  t->dose.amount += m->owed;
  m->owed = 0;
}

static void be_away(const life *l, const wn_habit *habit, int number, memory *m, wn_taken *t) {
  bool away = t->planned < m->until - 1e-9;
  if (!away && happens(l, habit, number, 0, habit->p)) {
    m->until = t->planned + 24 * habit->days;
    away = true;
  }
  t->is_missed |= away;
}

// the halves of one tablet make a whole
static void break_tablet(const life *l, const wn_habit *habit, int number, wn_taken *t) {
  int tablet = (number + 1) / 2;
  double off = habit->spread * wn_rng_normal(key_of(l, habit, tablet, 0));
  off = fmax(-1, fmin(1, off));
  t->dose.amount *= number % 2 ? 1 + off : 1 - off;
}

static void apply(life *l, const wn_habit *habit, int which, int number, wn_taken *t) {
  memory *m = &l->memory[which];
  if (m->number + 1 != number) *m = (memory){.until = -INFINITY};
  m->number = number;
  switch (habit->kind) {
  case WN_HABIT_LATE: be_late(l, habit, number, t); break;
  case WN_HABIT_WEEKDAY:
    if (habit->week >> weekday(t->planned) & 1) t->dose.time += habit->by;
    break;
  case WN_HABIT_MISS: be_forgetful(l, habit, number, m, t); break;
  case WN_HABIT_HOLIDAY: be_away(l, habit, number, m, t); break;
  case WN_HABIT_SPLIT: break_tablet(l, habit, number, t); break;
  }
}

static bool live_record(life *l, const wn_dose *record, int of, double t_start, double t_end, wn_taken_list *list) {
  if (record->n_habit == 0)
    return WN_PUSH(list, (wn_taken){.dose = *record, .of = of, .planned = record->time, .asked = record->amount});
  for (int k = 0; k <= record->addl; k++) {
    double planned = record->time + k * record->ii;
    if (!(planned < t_end)) break;
    wn_taken t = {.dose = *record, .of = of, .planned = planned, .asked = record->amount};
    t.dose.time = planned, t.dose.addl = 0, t.dose.ii = 0;
    // whether there is a dose at all comes first, so that what is owed is not lost with a holiday
    for (int h = 0; h < record->n_habit; h++)
      if (record->habit[h].kind == WN_HABIT_HOLIDAY) apply(l, &record->habit[h], h, record->number + k, &t);
    for (int h = 0; h < record->n_habit; h++)
      if (record->habit[h].kind != WN_HABIT_HOLIDAY) apply(l, &record->habit[h], h, record->number + k, &t);
    t.dose.time = fmax(t.dose.time, t_start);
    if (!WN_PUSH(list, t)) return false;
  }
  return true;
}

wn_status wn_adherence_live(const wn_dose *doses, int n, uint64_t seed, int subject, double t_start, double t_end,
                            wn_taken_list *taken, wn_error *err) {
  life l = {.seed = seed, .subject = subject};
  for (int h = 0; h < WN_MAX_HABIT; h++) l.memory[h].until = -INFINITY;
  for (int i = 0; i < n; i++)
    if (!live_record(&l, &doses[i], i, t_start, t_end, taken)) return wn_fail_memory(err);
  return WN_OK;
}

wn_status wn_adherence_doses(const wn_dose *doses, int n, uint64_t seed, int subject, double t_start, double t_end,
                             wn_doses *out, wn_error *err) {
  wn_taken_list taken = {0};
  wn_status status = wn_adherence_live(doses, n, seed, subject, t_start, t_end, &taken, err);
  for (int i = 0; i < taken.n && !status; i++) {
    if (taken.data[i].is_missed) continue;
    if (!WN_PUSH(out, taken.data[i].dose)) status = wn_fail_memory(err);
  }
  WN_ARRAY_FREE(&taken);
  return status;
}

void wn_taken_words(const wn_taken *taken, const char *unit, char buf[128]) {
  double late = (taken->dose.time - taken->planned) * 60;
  char clock[6];
  int at = 0;
  buf[0] = '\0';
  wn_format_clock(taken->planned, clock);
  if (taken->is_missed || fabs(late) > 1e-6)
    at += snprintf(buf, 128, "planned day %.0f, %s", floor(taken->planned / 24) + 1, clock);
  if (taken->is_missed) {
    snprintf(buf + at, 128 - (size_t)at, "; missed");
    return;
  }
  if (fabs(late) > 1e-6)
    at += snprintf(buf + at, 128 - (size_t)at, "; %.0f min %s", fabs(late), late > 0 ? "late" : "early");
  if (taken->dose.amount != taken->asked)
    snprintf(buf + at, 128 - (size_t)at, "%s%.4g %s in place of %.4g %s", at ? "; " : "", taken->dose.amount, unit,
             taken->asked, unit);
}
