// goal.h - what a scenario is to find: a metric to make large or small, bounds that other metrics must keep, and inputs
// to choose from. Plain data, filled by script/, read by sweep/ and app/.
#ifndef WN_SIM_GOAL_H
#define WN_SIM_GOAL_H

#include <stdbool.h>

// "hours_per_day" of "blockade" below 6; "window_end" of "blockade" before 7 o'clock. Metrics are those of a brief run
// (sim/result.h) over the last whole dosing day, and a window's edges.
typedef struct wn_goal_bound {
  const char *quantity, *of;
  bool below;     // else above
  bool is_clock;  // limit is a clock time, h: the edge comes before (or after) the first such time of the dosing day
  double limit;
  const char *words;  // "hours_per_day of blockade below 6"
} wn_goal_bound;

typedef struct wn_goal {
  bool minimise;
  const char *quantity, *of, *words;    // "the largest mean of tone"
  const char *arm;                      // name; NULL: the first
  const char *line_quantity, *line_of;  // the metric that a map draws as lines; default what is to be found
  int n_bound, n_over;
  wn_goal_bound *bound;
  const char **over;       // "dose=0.5:6:12", as --vary has it
  const char **over_name;  // "dose"
  double sure;             // share of draws, or people, that must keep all bounds; default 0.9
} wn_goal;

#endif
