// conform.h - what the files of `wane conform` share: a trial (a model with its numbers), event tables built in memory,
// their answers as curves, and findings (one row of the report each). Private to conform*.c.
#ifndef WN_APP_CONFORM_H
#define WN_APP_CONFORM_H

#include "app.h"

#include "sim/lanes.h"
#include "sim/records.h"

// -- findings (conform.c) -------------------------------------------------------------------------------------------

typedef enum wn_verdict { WN_VERDICT_HOLDS, WN_VERDICT_SHORT, WN_VERDICT_SKIPPED } wn_verdict;

// One row. digits: -log10 of the largest error relative to max(|value|, 1e-3 of the column's peak), 0 to 16; 16 also
// where nothing differs. promised: the bound of that very value. A row holds when every value of every column (state or
// output) keeps its bound; otherwise both are those of the value furthest beyond.
typedef struct wn_finding {
  const char *part, *what, *model, *solver;
  double digits, promised;  // NaN where there is nothing to compare
  wn_verdict verdict;
  const char *note;  // where the error is largest, or why there is nothing to compare
} wn_finding;

typedef struct wn_conform {
  wn_arena *arena;  // owns the words of the findings, and curves
  double rtol, atol;
  const char *part;
  WN_ARRAY(wn_finding) findings;
} wn_conform;

// What is tested.
typedef struct wn_trial {
  const wn_model *model;
  const char *name;
  double *param;          // [n_param]
  const wn_doses *doses;  // NULL: none
  double start, end;      // h
} wn_trial;

// The first dose that gives something, as a bolus without repeats; false: there is none.
bool wn_trial_dose(const wn_trial *trial, wn_record *dose);

// How far two numbers may be apart: relative of the value (or of 1e-3 of its peak), and in units of a state.
typedef struct wn_bound {
  double relative, absolute;
} wn_bound;

// The parts of the report. They add findings; an error is out of memory, an interrupt, or a bundled file that is not
// as it was.
wn_status wn_conform_closed(wn_conform *c, const wn_trial *trials, int n_trial, wn_error *err);
wn_status wn_conform_pairs(wn_conform *c, wn_error *err);
wn_status wn_conform_events(wn_conform *c, const wn_trial *trial, wn_error *err);
wn_status wn_conform_solvers(wn_conform *c, const wn_trial *trial, wn_error *err);
wn_status wn_conform_scenario(wn_conform *c, const wn_trial *trial, wn_error *err);
wn_status wn_conform_laws(wn_conform *c, const wn_trial *trial, wn_error *err);
wn_status wn_conform_balance(wn_conform *c, const wn_trial *trial, wn_error *err);
wn_status wn_conform_steady(wn_conform *c, const wn_trial *trial, wn_error *err);

// "pk1", "pk2", "pk3": models with a closed form that wn_conform_closed knows.
bool wn_conform_has_closed(const wn_trial *trial);

// A row without numbers: verdict WN_VERDICT_SKIPPED, or WN_VERDICT_SHORT when something that must run did not.
wn_status wn_conform_note(wn_conform *c, const wn_trial *trial, const char *what, const char *solver,
                          wn_verdict verdict, const char *note, wn_error *err);

// -- runs (conform_sheet.c) -----------------------------------------------------------------------------------------

// An event table under construction. Running out of memory is remembered until wn_sheet_close.
typedef struct wn_sheet {
  const wn_trial *trial;
  wn_dataset *data;  // there after wn_sheet_close
  WN_ARRAY(wn_record) records;
  WN_ARRAY(int) first;
  bool failed;
} wn_sheet;

void wn_sheet_open(wn_sheet *sheet, const wn_trial *trial);
void wn_sheet_person(wn_sheet *sheet);                 // what is added from here on is of the next individual
void wn_sheet_add(wn_sheet *sheet, wn_record record);  // where its time puts it, behind others of that time
void wn_sheet_observe(wn_sheet *sheet, double time);
void wn_sheet_free(wn_sheet *sheet);
wn_status wn_sheet_close(wn_sheet *sheet, wn_error *err);

// The trial's doses, times `factor` and `shift` hours later; those after its end left out.
void wn_sheet_doses(wn_sheet *sheet, double factor, double shift);

// Observations of a trial: n from shortly after its start to its end, none of them at a round hour.
void wn_sheet_observe_all(wn_sheet *sheet, int n);

// By which means a table is run.
typedef struct wn_means {
  const char *solver;
  double rtol, atol;
  int n_thread;
  bool draw;
} wn_means;
wn_means wn_means_of(const wn_conform *c, const char *solver);

// What came out; value NULL: nothing, for the reason given.
typedef struct wn_answer {
  const wn_dataset *data;  // borrowed
  double *value;           // [n_row][n_column]
  int n_column;
  double hours_to_95;  // of the slowest steady state asked for
  char reason[256], solver[16];
} wn_answer;
wn_status wn_sheet_run(const wn_dataset *data, const double *param, const wn_means *means, wn_answer *answer,
                       wn_error *err);
void wn_answer_free(wn_answer *answer);

// -- curves (conform_curve.c) ---------------------------------------------------------------------------------------

// What one individual's observations saw: states, then outputs.
typedef struct wn_curve {
  int n, n_column;
  const double *time;  // [n]
  double *value;       // [n][n_column]
} wn_curve;

// From an answer, into the arena.
wn_status wn_curve_take(wn_conform *c, const wn_answer *answer, int individual, wn_curve *curve, wn_error *err);

// What a run by this solver promises.
wn_bound wn_bound_of(const wn_means *means);
wn_bound wn_bound_sum(wn_bound a, wn_bound b);

// -log10, 0 to 16.
double wn_digits(double error);

// Which columns are compared.
typedef enum wn_part { WN_PART_ALL, WN_PART_STATES, WN_PART_OUTPUTS } wn_part;

// Compare (conform_compare.c) and add the finding. Several pairs may be compared one after the other: begin with an
// empty agreement.
typedef struct wn_agreement {
  double digits, promised, error, over;
  bool any, short_of;
  char note[160];
} wn_agreement;
wn_status wn_agree(wn_agreement *agreement, const wn_trial *trial, const wn_curve *a, const wn_curve *b, wn_part part,
                   wn_bound bound, wn_error *err);
wn_status wn_conform_found(wn_conform *c, const wn_trial *trial, const char *what, const char *solver,
                           const wn_agreement *agreement, wn_error *err);

#endif
