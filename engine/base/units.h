// units.h - units of measurement, for checking at load; never used while simulating. Names mean what udunits2 says
// (base/unit_names.h). What takes a wn_units is for one thread at a time; several threads may have one each.
//
// A unit here is a dimension with a scale: "ng/mL" and "ug/L" are equal; "mg" and "ng" share a dimension and differ
// in scale. wane adds "M" family names the field uses (nM = nmol/L), "IU" ("U" is the same; own dimension), "cells" and
// "copies" (own dimensions), "wk". "1" or "" is the dimensionless unit; "%" is 0.01. Written as ng/mL, L/(h*kg), m^2;
// the prefixes k d c m u n p f a M G go before every unit.
#ifndef WN_BASE_UNITS_H
#define WN_BASE_UNITS_H

#include "base/error.h"
#include <stdbool.h>

typedef struct wn_units wn_units;  // the unit system; units made by it live as long as it does
typedef struct wn_unit wn_unit;    // immutable, interned: equal units compare equal with wn_unit_same

wn_units *wn_units_create(wn_error *err);
void wn_units_destroy(wn_units *units);

// Parse; NULL with words in err ("unknown unit 'mgg'; try mg").
const wn_unit *wn_unit_parse(wn_units *units, const char *text, wn_error *err);
const wn_unit *wn_unit_one(wn_units *units);
const wn_unit *wn_unit_multiply(wn_units *units, const wn_unit *a, const wn_unit *b);
const wn_unit *wn_unit_divide(wn_units *units, const wn_unit *a, const wn_unit *b);
const wn_unit *wn_unit_power(wn_units *units, const wn_unit *a, int power);  // whole powers
const wn_unit *wn_unit_root(wn_units *units, const wn_unit *a, int root);    // NULL when not a whole root

bool wn_unit_same(const wn_unit *a, const wn_unit *b);            // same dimension and scale
bool wn_unit_same_dimension(const wn_unit *a, const wn_unit *b);  // convertible
bool wn_unit_is_one(const wn_unit *a);
double wn_unit_factor(const wn_unit *from,
                      const wn_unit *to);    // value_in_to = factor * value_in_from; convertible only
const char *wn_unit_text(const wn_unit *a);  // as first written or derived, short, for messages
#endif
