// value.h - a value as people write it, with or without a unit, into a number in the unit that was declared.
#ifndef WN_BASE_VALUE_H
#define WN_BASE_VALUE_H

#include "base/units.h"

// Read "3", "3 mg", "4wk", "22:00" as a value in `unit` ("clock": hours of a clock time; "" or "1": a pure number).
// `name` begins the message: "low_dose: expected mg, got 3 h".
wn_status wn_value_read(wn_units *units, const char *name, const char *unit, const char *text, double *value,
                        wn_error *err);

#endif
