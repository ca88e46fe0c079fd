// scenario.c - gives a scenario back. Invariant: the arena owns everything but the arms' dose lists, which grow on the
// heap. It must not know who filled it.

#include "sim/scenario.h"

#include "dose/adherence.h"

int wn_scenario_n_subject(const wn_scenario *scenario) { return scenario->n_subject > 1 ? scenario->n_subject : 1; }

int wn_scenario_n_series(const wn_scenario *scenario) { return scenario->n_arm * wn_scenario_n_subject(scenario); }

bool wn_scenario_has_habits(const wn_scenario *scenario) {
  for (int i = 0; i < scenario->n_arm; i++)
    if (wn_doses_have_habits(scenario->arm[i].doses.data, scenario->arm[i].doses.n)) return true;
  return false;
}

void wn_scenario_destroy(wn_scenario *scenario) {
  if (!scenario) return;
  for (int i = 0; i < scenario->n_arm; i++) WN_ARRAY_FREE(&scenario->arm[i].doses);
  wn_arena_destroy(scenario->arena);
  wn_free(scenario);
}

double wn_scenario_end(const wn_scenario *scenario, const wn_arm *arm) {
  return arm->t_end != 0 ? arm->t_end : scenario->t_end;
}
