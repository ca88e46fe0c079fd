// columns.c - lists in aligned columns, the last one wrapped. Invariant: what is printed cannot steer the terminal.

#include "app.h"

#include "io/grid.h"

#include <stdarg.h>

enum { GAP = 2, MIN_LAST = 24 };

void wn_columns_init(wn_columns *columns, int n, int indent, const char *right) {
  *columns = (wn_columns){.arena = wn_arena_create(), .n = n, .indent = indent, .right = right};
  columns->failed = !columns->arena;
}

void wn_columns_add(wn_columns *columns, ...) {
  if (columns->failed) return;
  const char **row = wn_arena_alloc(columns->arena, (size_t)columns->n * sizeof *row);
  va_list args;
  va_start(args, columns);
  for (int i = 0; row && i < columns->n; i++) {
    const char *text = va_arg(args, const char *);
    row[i] = wn_arena_strdup(columns->arena, text ? text : "");
    if (!row[i]) columns->failed = true;
  }
  va_end(args);
  if (!row || !WN_PUSH(&columns->rows, row)) columns->failed = true;
}

const char *wn_columns_text(wn_columns *columns, const char *format, ...) {
  char text[1024];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  const char *kept = columns->failed ? NULL : wn_arena_strdup(columns->arena, text);
  if (!kept) columns->failed = true;
  return kept ? kept : "";
}

const char *wn_columns_number(wn_columns *columns, double value) { return wn_columns_text(columns, "%.6g", value); }

static void blanks(FILE *stream, int n) {
  for (int i = 0; i < n; i++) fputc(' ', stream);
}

static void print_row(const wn_columns *c, const char **row, const int *width, FILE *stream, int columns) {
  int at = c->indent;
  blanks(stream, c->indent);
  for (int i = 0; i + 1 < c->n; i++) {
    int fill = width[i] - wn_text_cells(row[i]);
    bool right = c->right && c->right[i] == 'r';
    if (right) blanks(stream, fill);
    wn_print_clean(stream, row[i]);
    if (!right) blanks(stream, fill);
    blanks(stream, GAP);
    at += width[i] + GAP;
  }
  if (columns - at < MIN_LAST) columns = at + MIN_LAST;
  if (*row[c->n - 1])
    wn_print_wrapped(stream, row[c->n - 1], columns, at, at);
  else
    fputc('\n', stream);
}

void wn_columns_print(wn_columns *columns, FILE *stream, int width) {
  int widths[WN_MAX_COLUMN] = {0};
  for (int i = 0; i < columns->rows.n && !columns->failed; i++)
    for (int k = 0; k < columns->n; k++) {
      int cells = wn_text_cells(columns->rows.data[i][k]);
      if (cells > widths[k]) widths[k] = cells;
    }
  for (int i = 0; i < columns->rows.n && !columns->failed; i++)
    print_row(columns, columns->rows.data[i], widths, stream, width);
  if (columns->failed) wn_app_say("out of memory");
  WN_ARRAY_FREE(&columns->rows);
  if (columns->arena) wn_arena_destroy(columns->arena);
}
