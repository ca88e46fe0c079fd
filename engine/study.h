// study.h - what a wn_study holds, for wane.c and for the commands that show more than wane.h gives.
#ifndef WN_STUDY_H
#define WN_STUDY_H

#include "base/error.h"
#include "io/io.h"
#include "script/script.h"
#include "wane.h"

// How what a study writes came to be (io/io.h). The lists are allocated from the arena. WN_ERR_MEMORY.
wn_status wn_study_origin(const wn_study *study, const char *command, wn_arena *arena, wn_origin *origin,
                          wn_error *err);

// A bare model that takes doses, and a plan without any. Where every state is 0 and stays so (param [n_param] of its
// arm: every derivative is 0 at the start, and none reads the time) that is WN_ERR_USER. Else *words [320] says, for
// the user, that this is the model by itself, or that it rests where it begins. Empty where all is well.
wn_status wn_study_check_doses(const wn_scenario *scenario, const double *param, char words[320], wn_error *err);

// The picture of a study's result (wn_plot). Where it shows a few days of one individual on a grid that nobody chose,
// the watched outputs are simulated again on a finer one, so that peaks are round: everything else is the same, bit for
// bit.
wn_status wn_study_plot(const wn_study *study, const char *path, wn_error *err);

// Planning the same again and again with other values of options, as a sweep does: what wn_study_plan would make of
// def->set with these values behind it, but without the goal. Prepare reads all the rest of def, which must stay the
// same; the next wn_study_plan ends it. The scenario is the caller's, to be destroyed before the study is closed.
wn_status wn_study_prepare(wn_study *study, const wn_study_def *def, wn_error *err);
wn_status wn_study_plan_at(wn_study *study, const wn_study_def *def, const int *option, const double *value, int n,
                           wn_scenario **scenario, wn_error *err);

struct wn_study {
  wn_script *script;
  wn_planner *planner;    // NULL but between wn_study_prepare and wn_study_plan
  wn_scenario *scenario;  // NULL before wn_study_plan
  wn_result *result;      // NULL before wn_study_run
  wn_run_def run;         // its solver's name points into wn_solver_types or is "auto"
  bool is_grid_chosen;    // by wn_study_def.every
};

#endif
