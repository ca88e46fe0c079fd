// validation.h - the hook of the validation language (docs/validation-language.md) in the opening of a state.
#ifndef WN_SCRIPT_VALIDATION_H
#define WN_SCRIPT_VALIDATION_H

#include <lua.h>

// Inside a body: add wane.validation to the table `wane` at the top of the stack.
void wn_validation_open(lua_State *L);

#endif
