// regimen_impl.h - what a regimen is made of, for the files that build and change regimens. Private to script/.
#ifndef WN_SCRIPT_REGIMEN_IMPL_H
#define WN_SCRIPT_REGIMEN_IMPL_H

#include "dose/adherence.h"
#include "script/regimen.h"

// wn_dose before the model is known: the compartment by name, "" for the model's first.
typedef struct wn_dose_record {
  double time, amount, over, rate, ii;
  int addl, line;
  const char *builder;
  char into[64], file[64];
  wn_habit habit[WN_MAX_HABIT];
  int n_habit, number;  // number of the first repetition within the regimen; 0: not counted yet
} wn_dose_record;

typedef struct wn_regimen {
  int n;
  wn_dose_record list[];
} wn_regimen;

// A new regimen of n records, to be filled, at the top of the stack.
wn_regimen *wn_regimen_push(lua_State *L, int n);

// The running operation on the regimen at stack index 1, and where it was written. Raises when it is none.
typedef struct wn_operation {
  wn_place place;
  char file[64];
  const wn_regimen *r;
} wn_operation;
void wn_regimen_operand(wn_operation *o, lua_State *L, const char *name);

// habits.c: add the methods about how people take their doses to the table at the top.
void wn_habits_open(lua_State *L);

#endif
