// input.h - `--vary` and `--draw` as people write them, into inputs. Private to sweep/.
#ifndef WN_SWEEP_INPUT_H
#define WN_SWEEP_INPUT_H

#include "base/memory.h"
#include "sweep/design.h"
#include "sweep/marginal.h"

// An input and how it is spread; `marginal` serves sampling, input.level the grid.
typedef struct wn_input {
  wn_design_input input;
  wn_marginal marginal;
} wn_input;

typedef struct wn_input_reader {
  wn_arena *arena;  // takes texts and levels
  wn_units *units;
  const wn_input_name *known;
  int n_known;
} wn_input_reader;

// Read "NAME=..." or "NAME~...". Errors begin with "--vary TEXT: " or "--draw TEXT: ".
wn_status wn_input_read_vary(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err);
wn_status wn_input_read_draw(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err);

#endif
