// unit_names.h - what a name of a unit means: "mg", "kcal", "uM", "%". Names, definitions and prefixes are read by
// udunits2, whose parser and status are shared by the whole process: it is called here only, by one thread at a time.
// What comes out is plain numbers.
#ifndef WN_BASE_UNIT_NAMES_H
#define WN_BASE_UNIT_NAMES_H

#include <stdbool.h>

enum { WN_N_DIMENSION = 10 };  // g m s mol K A cd IU cells copies

// scale * g^power[0] * m^power[1] * ...
typedef struct wn_magnitude {
  double scale;
  short power[WN_N_DIMENSION];
} wn_magnitude;

typedef struct wn_unit_names wn_unit_names;  // one thread at a time; several may have one each
wn_unit_names *wn_unit_names_create(void);   // NULL: out of memory
void wn_unit_names_destroy(wn_unit_names *names);

// What a name, perhaps behind a prefix, means; false: nothing.
bool wn_unit_names_find(wn_unit_names *names, const char *name, wn_magnitude *magnitude);

// The known name that was probably meant, or NULL.
const char *wn_unit_names_nearest(const char *name);

#endif
