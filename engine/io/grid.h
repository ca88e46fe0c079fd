// grid.h - text for terminals: a grid of short strings laid out within a width, wrapped paragraphs, numbers with three
// significant digits. Knows nothing of simulations. Widths are in terminal cells; text is UTF-8.
#ifndef WN_IO_GRID_H
#define WN_IO_GRID_H

#include "base/error.h"
#include "base/memory.h"
#include <stdio.h>

// One quantity over all columns: its label, and one cell per column.
typedef struct wn_grid_row {
  const char *label;
  const char **cell;  // [n_column]
} wn_grid_row;

// Rows under a title.
typedef struct wn_grid_group {
  const char *title;  // "" for none
  int level;          // 0, or 1: belongs to the group of level 0 before it
  WN_ARRAY(wn_grid_row) rows;
} wn_grid_group;

typedef struct wn_grid {
  wn_arena *arena;  // owns every string
  int n_column;
  const char **head;  // [n_column]
  WN_ARRAY(wn_grid_group) groups;
  bool failed;  // out of memory somewhere on the way
} wn_grid;

wn_status wn_grid_init(wn_grid *grid, int n_column, wn_error *err);
void wn_grid_free(wn_grid *grid);

// Text is copied, and characters that could steer a terminal are replaced. Out of memory sets grid->failed.
const char *wn_grid_text(wn_grid *grid, const char *format, ...) __attribute__((format(printf, 2, 3)));
void wn_grid_group_begin(wn_grid *grid, int level, const char *title);
void wn_grid_row_add(wn_grid *grid, const char *label, const char **cell);  // into the last group
const char **wn_grid_cells(wn_grid *grid);                                  // [n_column], to be filled by the caller

// Columns side by side where they fit into `width`; else each group as a table of its own with a line per column of
// the grid. WN_ERR_MEMORY if grid->failed; errors of the stream are left for its owner.
wn_status wn_grid_print(const wn_grid *grid, FILE *stream, int width, wn_error *err);

// Words of `text` on lines at most `width` wide. The first line goes on where `used` cells are already taken; the
// others begin with `indent` blanks.
void wn_print_wrapped(FILE *stream, const char *text, int width, int used, int indent);

int wn_text_cells(const char *text);                  // how wide it is shown
void wn_print_clean(FILE *stream, const char *text);  // with what could steer a terminal replaced
void wn_format_short(double value, char buf[16]);     // "0.862", "24.0", "1230", "1.20e-05"; "-" if not finite
void wn_print_rule(FILE *stream, int width);          // a horizontal line

#endif
