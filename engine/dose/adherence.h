// adherence.h - how people take their doses: late, on weekends at another hour, not at all, two at once, halves that
// are not halves. Habits are a small description beside a dose record; what becomes of each repetition is drawn for one
// person when its doses are expanded. A draw depends on the seed, the person, the dose's number and the habit's name
// only: the same person is as late in every arm, whatever else is compared.
#ifndef WN_DOSE_ADHERENCE_H
#define WN_DOSE_ADHERENCE_H

#include "dose/schedule.h"
#include <stdint.h>

// late     taken later than planned by `by` + spread * z hours, z standard normal (earlier where that is negative);
// with
//          is_log by `by` * exp(spread * z)
// weekday  moved by `by` hours on the days of `week`
// miss     left out with probability p, with `again` after one left out; one left out is made up for, with probability
//          `doubled`, together with the next one taken
// holiday  with probability p a dose is the first of `days` days without any
// split    a tablet broken in two: a dose is 1 + spread * z of what it should be, the next one 1 - spread * z
typedef enum wn_habit_kind {
  WN_HABIT_LATE,
  WN_HABIT_WEEKDAY,
  WN_HABIT_MISS,
  WN_HABIT_HOLIDAY,
  WN_HABIT_SPLIT,
} wn_habit_kind;

typedef struct wn_habit {
  wn_habit_kind kind;
  uint64_t name;  // wn_rng_name
  bool is_log;
  unsigned week;  // bit 0: Monday; day 1 of the run is a Monday
  double by, spread, p, again, doubled, days;
} wn_habit;

enum { WN_MAX_HABIT = 8 };  // of one record

// What became of a planned dose.
typedef struct wn_taken {
  wn_dose dose;           // a single one: time, amount as taken
  int of;                 // the record
  double planned, asked;  // time and amount
  bool is_missed;
} wn_taken;
typedef WN_ARRAY(wn_taken) wn_taken_list;

// True when some record has habits.
bool wn_doses_have_habits(const wn_dose *doses, int n);

// Every dose of person `subject` (from 1), record by record; missed ones too. Records without habits are handed over
// with their repetitions. Nothing is taken before t_start, and nothing planned at t_end or later is listed. The list is
// appended to. Errors: WN_ERR_MEMORY.
wn_status wn_adherence_live(const wn_dose *doses, int n, uint64_t seed, int subject, double t_start, double t_end,
                            wn_taken_list *taken, wn_error *err);

// The same as doses for wn_schedule_expand, without the missed ones.
wn_status wn_adherence_doses(const wn_dose *doses, int n, uint64_t seed, int subject, double t_start, double t_end,
                             wn_doses *out, wn_error *err);

// "planned day 3, 22:00; 23 min late; 9 mg in place of 4.5 mg"; "" when it is as planned. buf[128]
void wn_taken_words(const wn_taken *taken, const char *unit, char buf[128]);

#endif
