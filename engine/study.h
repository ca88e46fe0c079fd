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

struct wn_study {
  wn_script *script;
  wn_scenario *scenario;  // NULL before wn_study_plan
  wn_result *result;      // NULL before wn_study_run
  wn_run_def run;         // its solver's name points into wn_solver_types or is "auto"
};

#endif
