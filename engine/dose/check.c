// check.c - one individual's records against the rules of PREDPP, before anything runs (see records.h for sources).
// Invariant: a record that passes can be walked; every message begins with the column to look at. Must not know files,
// nor the values a model gives to F, lag, rate and duration.

#include "dose/records.h"

#include <math.h>

static wn_status check_time(const wn_record *r, const wn_record *before, wn_error *err) {
  if (!(fabs(r->time) <= WN_MAX_HOURS))
    return wn_fail(err, WN_ERR_USER, "TIME: expected at most a thousand years (%d h) from 0, got %g h", WN_MAX_HOURS,
                   r->time);
  bool reset = r->evid == 3 || r->evid == 4;
  if (before && !reset && r->time < before->time)
    return wn_fail(
        err, WN_ERR_USER,
        "TIME: expected %.15g h or later, as in the record before, got %.15g h; time goes back only at a reset "
        "(EVID 3 or 4); try sorting the records, or a DATE column for clock times",
        before->time, r->time);
  return WN_OK;
}

// what other tools mean by event numbers that are not NONMEM's
static const char *foreign_event(int evid) {
  switch (evid) {
  case 5: return ", which replaces an amount in rxode2";
  case 6: return ", which multiplies an amount in rxode2";
  case 7: return ", which is a dose of a transit model in rxode2";
  case 8: return ", which replaces an amount in mrgsolve";
  default: return evid >= 100 ? ", which is an event code of rxode2 or a silent record of mrgsolve" : "";
  }
}

static wn_status check_event(const wn_record *r, wn_error *err) {
  if (r->evid >= 0 && r->evid <= 4) return WN_OK;
  return wn_fail(err, WN_ERR_USER,
                 "EVID: expected 0 (observation), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose), got %d%s%s",
                 r->evid, foreign_event(r->evid), *foreign_event(r->evid) ? " and is not supported" : "");
}

// records that give no dose must not look as if they did
static wn_status check_no_dose(const wn_record *r, wn_error *err) {
  static const char *const names[] = {"an observation", "", "an other event", "a reset"};
  const struct {
    const char *name;
    double value;
  } item[] = {{"AMT", r->amt}, {"RATE", r->rate}, {"DUR", r->dur}, {"II", r->ii}, {"ADDL", r->addl}, {"SS", r->ss}};
  for (size_t i = 0; i < sizeof item / sizeof *item; i++)
    if (item[i].value != 0)
      return wn_fail(err, WN_ERR_USER, "%s: expected 0 or . on %s (EVID %d), got %.15g; %s", item[i].name,
                     names[r->evid], r->evid, item[i].value,
                     r->evid == 3 ? "a reset with a dose has EVID 4" : "a dose has EVID 1");
  if (r->evid == 0 && r->off)
    return wn_fail(
        err, WN_ERR_USER,
        "CMT: expected a compartment above 0 on an observation (EVID 0), got a negative one; try two records "
        "at this TIME, the observation and an EVID 2 that switches the compartment off");
  return WN_OK;
}

// each column of a dose on its own
static wn_status check_ranges(const wn_record *r, wn_error *err) {
  if (!(r->amt >= 0) || isinf(r->amt))
    return wn_fail(err, WN_ERR_USER, "AMT: expected an amount of 0 or more, got %.15g", r->amt);
  bool modelled = r->rate == WN_RATE_MODELLED || r->rate == WN_DURATION_MODELLED;
  if (!modelled && (!(r->rate >= 0) || isinf(r->rate)))
    return wn_fail(err, WN_ERR_USER,
                   "RATE: expected 0 (bolus), a rate above 0, -1 (modelled rate) or -2 (modelled duration), got %.15g",
                   r->rate);
  if (!(r->dur >= 0 && r->dur <= WN_MAX_HOURS))
    return wn_fail(err, WN_ERR_USER, "DUR: expected 0 h to a thousand years, got %.15g h", r->dur);
  if (!(r->ii >= 0 && r->ii <= WN_MAX_HOURS))
    return wn_fail(err, WN_ERR_USER, "II: expected 0 h to a thousand years, got %.15g h", r->ii);
  if (r->ss < 0 || r->ss > 3)
    return wn_fail(err, WN_ERR_USER,
                   "SS: expected 0, 1 (steady state), 2 (added to what is there) or 3 (from what is there), got %d%s",
                   r->ss, r->ss > 3 ? "; a number of doses goes into ADDL" : "");
  if (r->addl < 0)
    return wn_fail(err, WN_ERR_USER,
                   "ADDL: expected 0 or more, got %d; doses until the steady state are asked for with SS 1 and II",
                   r->addl);
  return WN_OK;
}

// a dose that repeats, or has repeated since ever
static wn_status check_repeats(const wn_record *r, wn_error *err) {
  if (r->ss && r->amt == 0 && r->ii != 0)
    return wn_fail(err, WN_ERR_USER,
                   "II: expected 0 with SS %d and AMT 0 (a constant infusion), got %.15g; try an AMT, or no II", r->ss,
                   r->ii);
  if (r->ss && r->amt == 0 && r->addl != 0)
    return wn_fail(err, WN_ERR_USER, "ADDL: expected 0 with SS %d and AMT 0 (a constant infusion), got %d", r->ss,
                   r->addl);
  if (r->ss && r->amt > 0 && r->ii == 0)
    return wn_fail(err, WN_ERR_USER, "SS: %d needs II above 0 (the interval between the doses before), got II 0",
                   r->ss);
  if (r->addl && r->ii == 0)
    return wn_fail(err, WN_ERR_USER, "ADDL: %d additional dose%s II above 0, got II 0", r->addl,
                   r->addl == 1 ? " needs" : "s need");
  if (r->ii > 0 && !r->addl && !r->ss)
    return wn_fail(err, WN_ERR_USER,
                   "II: expected 0 without ADDL or SS, got %.15g; try ADDL, the number of further doses", r->ii);
  return WN_OK;
}

static wn_status check_infusion(const wn_model *model, const wn_record *r, wn_error *err) {
  const wn_route *route = &model->route[r->route];
  if (r->rate == WN_RATE_MODELLED && !route->has_rate)
    return wn_fail(
        err, WN_ERR_USER,
        "RATE: -1 leaves the rate to the model, but %s has none; try RATE above 0, or give the model's %s a rate",
        route->name, route->name);
  if (r->rate == WN_DURATION_MODELLED && !route->has_duration)
    return wn_fail(err, WN_ERR_USER,
                   "RATE: -2 leaves the duration to the model, but %s has none; try RATE = AMT / hours, or give the "
                   "model's %s a duration",
                   route->name, route->name);
  if (r->rate != 0 && r->dur > 0)
    return wn_fail(err, WN_ERR_USER, "RATE: expected 0 with a duration of %.15g h, got %.15g", r->dur, r->rate);
  if (r->rate > 0 && r->amt / r->rate > WN_MAX_HOURS)
    return wn_fail(err, WN_ERR_USER, "RATE: %.15g at %.15g per h takes %g h; expected at most a thousand years", r->amt,
                   r->rate, r->amt / r->rate);
  if (r->amt > 0 || (r->ss && r->rate != WN_DURATION_MODELLED && r->dur == 0)) return WN_OK;
  // nothing to infuse: only a rate can run without an amount, and only up to this record
  if (r->rate != 0 || r->dur > 0)
    return wn_fail(err, WN_ERR_USER, "%s: an infusion needs AMT above 0%s, got AMT 0", r->rate != 0 ? "RATE" : "DUR",
                   r->rate == WN_DURATION_MODELLED || r->dur > 0 ? "" : ", or SS 1 if it has run since ever");
  return wn_fail(err, WN_ERR_USER, "AMT: a dose (EVID %d) needs AMT above 0, got 0; %s", r->evid,
                 r->evid == 4 ? "a reset alone has EVID 3" : "an event without a dose has EVID 2");
}

static wn_status check_dose(const wn_model *model, const wn_record *r, wn_error *err) {
  if (r->off)
    return wn_fail(err, WN_ERR_USER, "CMT: expected the compartment of a dose (EVID %d), got a negative one", r->evid);
  if (r->route < 0 || r->route >= model->n_route_all)
    return wn_fail(err, WN_ERR_USER, "CMT: expected a compartment of the model, got none");
  WN_TRY(check_ranges(r, err));
  WN_TRY(check_infusion(model, r, err));
  return check_repeats(r, err);
}

wn_status wn_records_check(const wn_model *model, const wn_record *record, int n, int *bad, wn_error *err) {
  for (int i = 0; i < n; i++) {
    const wn_record *r = &record[i];
    *bad = i;
    WN_TRY(check_event(r, err));
    WN_TRY(check_time(r, i ? r - 1 : NULL, err));
    WN_TRY(r->evid == 1 || r->evid == 4 ? check_dose(model, r, err) : check_no_dose(r, err));
    if (r->state >= model->n_state)
      return wn_fail(err, WN_ERR_USER, "CMT: expected a compartment of the model, got none");
  }
  return WN_OK;
}
