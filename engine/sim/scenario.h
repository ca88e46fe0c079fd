// scenario.h - what is to be simulated, as plain data: arms with their doses and parameters, clock, what to watch.
// Filled by script/ from a Lua plugin or by app/ from the command line; knows neither.
#ifndef WN_SIM_SCENARIO_H
#define WN_SIM_SCENARIO_H

#include "dose/schedule.h"
#include "model/model.h"
#include "sim/goal.h"
#include "solve/solver.h"
#include <stdint.h>

// A choice the user can make: `--set low_dose=3`.
typedef struct wn_option {
  const char *name, *unit, *meaning;  // unit "clock" for a clock time (value in hours), "" for a plain number
  double value;                       // default, in `unit`
} wn_option;

typedef struct wn_arm {
  const char *label;  // "4.5 mg at 22:00": shown beside its curve
  const char *name;   // "low_dose": in files
  wn_doses doses;
  double *param;     // [n_param] after hypothesis, arm's own and user's settings
  double day_start;  // clock time (h since midnight, absolute) at which dosing day 1 begins; NaN: first dose or 0
  int person;        // its first subject is this individual, from 1; 0: the first one
  double t_end;      // where this arm ends; 0: where the scenario does. Never later, and only without trajectories
} wn_arm;

typedef struct wn_scenario {
  wn_arena *arena;        // owns strings, arms, param vectors, doses' notes
  const wn_model *model;  // borrowed
  const char *name, *title, *caption, *path;
  int n_arm;
  wn_arm *arm;
  int n_watch;
  int *watch;  // outputs shown in table and plot, in order
  int n_window;
  wn_window_def *window;        // windows evaluated (model's standard ones or the scenario's own)
  double t_start;               // where the run begins, h since midnight of the first day (may be negative); default 0
  double t_end;                 // h since midnight of the first day; see wn_arm
  double every;                 // output grid, h
  double night_from, night_to;  // clock hours; default 23 and 7: share_of_night, shading
  double plot_from, plot_to;    // the span a plot shows, h; default: whole run, or first and last days for long ones
  int n_subject;                // individuals of each arm, drawn by the model's random effects; 0 or 1: the typical one
  uint64_t seed;                // of the draws; individual k is the same person in every arm
  const wn_goal *goal;          // what it is to find, for sweeps; NULL: nothing
} wn_scenario;

// Individuals of each arm, at least 1; and of all arms together.
int wn_scenario_n_subject(const wn_scenario *scenario);
int wn_scenario_n_series(const wn_scenario *scenario);

// Where an arm ends, h.
double wn_scenario_end(const wn_scenario *scenario, const wn_arm *arm);

// True when how people take their doses is drawn for each of them (dose/adherence.h).
bool wn_scenario_has_habits(const wn_scenario *scenario);

// Gives back the arms' dose lists, the arena and the scenario itself (made with wn_alloc). NULL is fine.
void wn_scenario_destroy(wn_scenario *scenario);

#endif
