// explain.c - an action in words: what it does to which state, and which record, repetition, lag and F made it so.

#include "dose/schedule.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

typedef struct words {
  char *at;
  size_t left;
} words;

static void say(words *w, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(words *w, const char *format, ...) {
  va_list args;
  va_start(args, format);
  int n = vsnprintf(w->at, w->left, format, args);
  va_end(args);
  size_t used = n < 0 ? 0 : (size_t)n;
  if (used >= w->left) used = w->left ? w->left - 1 : 0;
  w->at += used, w->left -= used;
}

void wn_action_explain(const wn_model *model, const wn_dose *doses, const double *route_value, const wn_action *action,
                       char what[160], char why[256]) {
  const wn_dose *dose = &doses[action->record];
  const wn_route *route = &model->route[dose->route];
  const wn_state *state = &model->state[action->state];
  words w = {what, 160};
  if (action->kind == WN_ACT_BOLUS)
    say(&w, "%g %s by %s: %.6g %s into %s", dose->amount, route->unit, route->name, action->amount, state->unit,
        state->name);
  else if (strcmp(action->why, WN_INFUSION_ENDS) == 0)
    say(&w, "infusion of %g %s by %s into %s ends", dose->amount, route->unit, route->name, state->name);
  else
    say(&w, "infusion of %g %s by %s begins: %s now receives %.6g %s/h", dose->amount, route->unit, route->name,
        state->name, action->amount, state->unit);
  const double *value = route_value + model->route_at[dose->route];
  double F = value[WN_ROUTE_F], lag = value[WN_ROUTE_LAG];
  words y = {why, 256};
  say(&y, "dose %d", action->record + 1);
  if (dose->addl > 0) say(&y, ", %d of %d every %g h", action->repeat + 1, dose->addl + 1, dose->ii);
  if (lag > 0) say(&y, ", lag %g h", lag);
  if (F != 1) say(&y, ", F %g", F);
  if (dose->note) say(&y, "; %s", dose->note);
}
