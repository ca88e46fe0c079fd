// arms.h - what an arm of a scenario and a run of a validation table have in common: doses and a parameter vector.
#ifndef WN_SCRIPT_ARMS_H
#define WN_SCRIPT_ARMS_H

#include "script/internal.h"
#include "script/settings.h"
#include "script/take.h"

// Who decides about parameters: the model's defaults; the arm's hypothesis or, if it names none, `hypothesis` (-1:
// none); the arm's own `set`; last the user's settings (NULL: none).
typedef struct wn_arm_context {
  wn_script *script;
  wn_arena *arena;
  int hypothesis;
  const wn_settings *settings;
  const double *usual;  // [n_param] the model's defaults under `hypothesis`, where somebody has them; or NULL
} wn_arm_context;

// Index of the hypothesis asked for by name; NULL: the model's first, or -1 when it has none.
wn_status wn_arm_hypothesis(const wn_model *model, const char *name, int *hypothesis, wn_error *err);

// Inside a body: fill doses and param of the arm from the values of its fields regimen, set and hypothesis, at these
// three stack indices.
// The doses' array is the caller's to free even if this raises.
void wn_arm_read(lua_State *L, const int field[3], const wn_place *place, const wn_arm_context *context, wn_arm *arm);

#endif
