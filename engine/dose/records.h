// records.h - dose and observation records with NONMEM's meaning, one individual at a time, turned into a timeline: the
// sequence of what effectively happens. Sources: NONMEM Users Guide VI ch. II, III, V and help pages.
//
// Everything that can be known without solving is decided here: additional doses, lag, infusions and their ends,
// modelled rates that change with covariates, what a reset or a steady-state dose cancels. The order of a timeline is
// the order of the records; time may jump back only at a reset.
#ifndef WN_DOSE_RECORDS_H
#define WN_DOSE_RECORDS_H

#include "base/memory.h"
#include "model/model.h"

// Two events, or an event and a row of a grid, this near to each other (h) are one: sums like 22 + 24 k are not exact.
#define WN_SAME_TIME 1e-9

// A thousand years, h: how far from midnight of the first day anything may be. Beyond it a time is a mistake (seconds
// since 1970, say), and hours lose their minutes.
#define WN_MAX_HOURS 8766000

// Whose rules for ties and covariates are followed.
typedef enum wn_dialect {
  WN_DIALECT_NONMEM,    // records in data order; covariates of the next record act backward
  WN_DIALECT_MRGSOLVE,  // the same, doses of the data set before its observations only as the data have them
  WN_DIALECT_RXODE2,    // doses before observations of the same time; covariates carried forward
} wn_dialect;
int wn_dialect_find(const char *name);  // -1: unknown

// RATE column: modelled rate or duration of the compartment.
enum { WN_RATE_MODELLED = -1, WN_DURATION_MODELLED = -2 };

// One record. A missing value is 0, as in NONMEM.
typedef struct wn_record {
  int row;      // of the data set, from 0; what OBSERVE actions refer to
  double time;  // h
  int evid;     // 0 observation, 1 dose, 2 other, 3 reset, 4 reset and dose
  int route;    // of a dose (index into model->route); -1 for other records
  int state;    // compartment that an EVID 2 record switches on, or an EVID 3 record names for nothing; -1 none
  bool off;     // CMT was negative: an EVID 2 record switches `state` off instead; an error on all others but EVID 3
  double amt;   // in the route's unit
  double rate;  // per h, or one of the above
  double dur;   // h; an infusion over a given time (scenarios); 0 none
  double ii;    // h
  int addl, ss;
  const char *note;  // where it comes from, for explain; borrowed, may be NULL
} wn_record;

typedef enum wn_action_kind {
  WN_ACT_COVARIATES,  // the covariates of row `index` act from here on
  WN_ACT_BOLUS,       // state += amount
  WN_ACT_RATE,        // input rate of state = amount (the total of what runs)
  WN_ACT_RESET,       // all states to their initial values, all compartments on, all input rates 0
  WN_ACT_CLOCK,       // time is set to the action's time without advancing
  WN_ACT_OFF,         // state = 0 and stays there
  WN_ACT_ON,
  WN_ACT_STEADY,   // states to the steady state `steady[index]`
  WN_ACT_OBSERVE,  // record `record` is predicted
} wn_action_kind;

// `why` of the RATE actions at which an infusion begins, ends, or is found running at a steady-state record.
#define WN_INFUSION_BEGINS "infusion begins"
#define WN_INFUSION_ENDS "infusion ends"
#define WN_INFUSION_GOES_ON "infusion goes on"

typedef struct wn_action {
  double time;
  wn_action_kind kind;
  int state;        // BOLUS, RATE, OFF, ON; else -1
  double amount;    // unit of the state, or per h
  int record;       // index into the individual's records that caused it; COVARIATES, OBSERVE: that record
  int repeat;       // which additional dose, 0 the record itself, below 0 one before it (steady state)
  int index;        // STEADY: into steady[]; COVARIATES: row; BOLUS, RATE: row that F was taken from
  int by;           // record that cancelled it, or -1; a cancelled event has no effect and exists for explain only
  const char *why;  // a constant phrase for explain, or NULL ("infusion ends", "reset")
} wn_action;

// A dose repeated since ever: what a steady-state record asks for.
typedef struct wn_steady {
  int record;
  bool add;       // SS = 2: added to the states that are there
  bool warm;      // SS = 3: what is there is the first guess
  bool constant;  // an infusion without end (AMT 0): rate[] and no period
  double period;  // II, h
  double phase;   // h since the last implied dose at the time of the record, in (0, II]; II means: just before the next
  double duration;  // of each infusion, h; 0 a bolus
  int n_coming;     // doses of the train that the lag, II or longer, keeps until after the record
  int n_target;
  int target[4];
  double amount[4];  // bolus: unit of the state; infusion: per h
} wn_steady;

typedef struct wn_timeline {
  WN_ARRAY(wn_action) action;
  WN_ARRAY(wn_steady) steady;
} wn_timeline;

// Which covariates: those that act between the record before and record i, or those at record i and its own doses.
#define WN_ROW_TO(record) (2 * (record))
#define WN_ROW_AT(record) (2 * (record) + 1)

typedef struct wn_timeline_def {
  const wn_model *model;
  const wn_record *record;
  int n_record;
  wn_dialect dialect;
  int callfl;      // F and duration of doses entering later: 0 of their own record, -1 of the record in force on entry
  bool both_rows;  // covariates differ on the way to a record and at it: some are carried forward, or run linearly
  int *bad;        // the record that an error is about; may be NULL
  // F, lag, rate, duration, scale[] of every route (model->route_at), with the covariates of a row (WN_ROW_...)
  const double *(*route_value)(void *context, int row);
  void *context;
} wn_timeline_def;

// Build the timeline. Errors (WN_ERR_USER): F, lag negative, modelled rate or duration not above 0 where used, more
// than 10^6 actions beside those that every record has. The records themselves must have been checked
// (wn_records_check).
wn_status wn_timeline_make(const wn_timeline_def *def, wn_timeline *timeline, wn_error *err);
void wn_timeline_free(wn_timeline *timeline);

// Check one individual's records by the rules of PREDPP; *bad is the offending record. The words begin with the column:
// "ADDL: 3 additional doses need II above 0, got II 0". Errors: WN_ERR_USER. Whether a compartment is on, and what the
// model makes of lag and F, is only known when the records run.
wn_status wn_records_check(const wn_model *model, const wn_record *record, int n, int *bad, wn_error *err);

#endif
