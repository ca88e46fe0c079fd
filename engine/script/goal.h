// goal.h - the field `goal` of a scenario.
#ifndef WN_SCRIPT_GOAL_H
#define WN_SCRIPT_GOAL_H

#include "script/scenario.h"
#include "sim/goal.h"
#include "sim/scenario.h"

// Read the table at the top of the stack for a scenario whose arms and windows are known; everything comes from its
// arena. Raises what is wrong with it.
const wn_goal *wn_goal_read(lua_State *L, const wn_script *script, const wn_scenario *scenario,
                            const wn_place *scenario_place);

#endif
