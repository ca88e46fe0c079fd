// grid.c - a grid of short strings as text. Invariant: every line of the grid that can be is at most as wide as asked;
// what is printed cannot steer the terminal. Must not know what the strings mean.

#include "io/grid.h"

#include <math.h>
#include <string.h>

enum { GAP = 3, MIN_HEAD = 14, MAX_LABEL = 40, MAX_LINES = 6 };

// -- characters -------------------------------------------------------------------------------------------------------

// One character: its bytes, its width in cells, and whether it is harmless. Bytes that are no UTF-8 are harmful.
typedef struct glyph {
  int n_byte, cells;
  bool clean;
} glyph;

// ranges that terminals show in two cells (East Asian wide, emoji) and in none (combining marks)
static int cells_of(unsigned c) {
  if ((c >= 0x300 && c <= 0x36f) || (c >= 0x200b && c <= 0x200d) || c == 0xfe0f) return 0;
  bool wide = (c >= 0x1100 && c <= 0x115f) || (c >= 0x2e80 && c <= 0xa4cf) || (c >= 0xac00 && c <= 0xd7a3) ||
              (c >= 0xf900 && c <= 0xfaff) || (c >= 0xff00 && c <= 0xff60) || (c >= 0x1f300 && c <= 0x1faff);
  return wide ? 2 : 1;
}

static glyph read_glyph(const char *text) {
  const unsigned char *b = (const unsigned char *)text;
  if (b[0] < 0x80) return (glyph){1, 1, b[0] >= 0x20 && b[0] != 0x7f};
  int n = b[0] >= 0xf0 && b[0] < 0xf5 ? 4 : b[0] >= 0xe0 && b[0] < 0xf0 ? 3 : b[0] >= 0xc2 && b[0] < 0xe0 ? 2 : 1;
  if (n == 1) return (glyph){1, 1, false};
  unsigned c = b[0] & (0xffu >> (n + 1));
  for (int i = 1; i < n; i++) {
    if ((b[i] & 0xc0) != 0x80) return (glyph){1, 1, false};
    c = c << 6 | (b[i] & 0x3fu);
  }
  // C1 controls, and marks that turn the direction of text
  bool clean =
      c >= 0xa0 && !(c >= 0x202a && c <= 0x202e) && !(c >= 0x2066 && c <= 0x2069) && c != 0x2028 && c != 0x2029;
  return (glyph){n, cells_of(c), clean};
}

int wn_text_cells(const char *text) {
  int cells = 0;
  for (glyph g; *text; text += g.n_byte) g = read_glyph(text), cells += g.clean ? g.cells : 1;
  return cells;
}

void wn_print_clean(FILE *stream, const char *text) {
  for (glyph g; *text; text += g.n_byte) {
    g = read_glyph(text);
    if (g.clean)
      fwrite(text, 1, (size_t)g.n_byte, stream);
    else
      fputc('?', stream);
  }
}

static void make_clean(char *text) {
  for (glyph g; *text; text += g.n_byte) {
    g = read_glyph(text);
    if (!g.clean) memset(text, '?', (size_t)g.n_byte);
  }
}

static void blanks(FILE *stream, int n) {
  for (int i = 0; i < n; i++) fputc(' ', stream);
}

// text in a field of `width` cells, flush left or right; too wide text is cut with an ellipsis
static void put(FILE *stream, const char *text, int width, bool right) {
  int cells = wn_text_cells(text);
  if (cells <= width) {
    if (right) blanks(stream, width - cells);
    fputs(text, stream);
    if (!right) blanks(stream, width - cells);
    return;
  }
  int used = 0;
  for (glyph g; *text; text += g.n_byte, used += g.cells) {
    g = read_glyph(text);
    if (used + g.cells > width - 1) break;
    fwrite(text, 1, (size_t)g.n_byte, stream);
  }
  fputs("…", stream);
  blanks(stream, width - 1 - used);
}

void wn_format_short(double value, char buf[16]) {
  if (!isfinite(value)) {
    snprintf(buf, 16, "-");
  } else if (value == 0) {
    snprintf(buf, 16, "0");
  } else if (fabs(value) >= 999.5 && fabs(value) < 1e7) {
    snprintf(buf, 16, "%.0f", value);
  } else if (fabs(value) >= 1e7 || fabs(value) < 0.0009995) {
    snprintf(buf, 16, "%.2e", value);
  } else {
    int length = snprintf(buf, 16, "%#.3g", value);
    if (buf[length - 1] == '.') buf[length - 1] = '\0';
  }
}

void wn_print_rule(FILE *stream, int width) {
  for (int i = 0; i < width; i++) fputs("─", stream);
  fputc('\n', stream);
}

// -- words ------------------------------------------------------------------------------------------------------------

// the longest piece of text that ends at a blank and fits; at least one word. Returns its bytes, *next behind the blank
static size_t take_line(const char *text, int width, const char **next) {
  size_t best = 0, at = 0;
  int cells = 0;
  for (glyph g; text[at]; at += (size_t)g.n_byte, cells += g.cells) {
    g = read_glyph(text + at);
    if (text[at] != ' ') continue;
    if (cells > width && best) break;
    best = at;
    if (cells > width) break;
  }
  if (!text[at] && (cells <= width || !best)) best = at;
  *next = text + best + strspn(text + best, " ");
  return best;
}

void wn_print_wrapped(FILE *stream, const char *text, int width, int used, int indent) {
  if (!text) return;
  for (bool first = true; *text; first = false) {
    const char *next;
    if (!first) blanks(stream, indent);
    size_t n = take_line(text, width - (first ? used : indent), &next);
    for (size_t i = 0; i < n;) {
      glyph g = read_glyph(text + i);
      if (g.clean)
        fwrite(text + i, 1, (size_t)g.n_byte, stream);
      else
        fputc('?', stream);
      i += (size_t)g.n_byte;
    }
    fputc('\n', stream);
    text = next;
  }
}

// -- the grid ---------------------------------------------------------------------------------------------------------

wn_status wn_grid_init(wn_grid *grid, int n_column, wn_error *err) {
  *grid = (wn_grid){.arena = wn_arena_create(), .n_column = n_column};
  if (!grid->arena) return wn_fail_memory(err);
  grid->head = wn_grid_cells(grid);
  return grid->head ? WN_OK : wn_fail_memory(err);
}

void wn_grid_free(wn_grid *grid) {
  for (int i = 0; i < grid->groups.n; i++) WN_ARRAY_FREE(&grid->groups.data[i].rows);
  WN_ARRAY_FREE(&grid->groups);
  wn_arena_destroy(grid->arena);
  *grid = (wn_grid){0};
}

const char *wn_grid_text(wn_grid *grid, const char *format, ...) {
  char text[512];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  make_clean(text);
  const char *kept = wn_arena_strdup(grid->arena, text);
  if (!kept) grid->failed = true;
  return kept ? kept : "";
}

const char **wn_grid_cells(wn_grid *grid) {
  const char **cell = wn_arena_alloc(grid->arena, ((size_t)grid->n_column + 1) * sizeof *cell);
  if (!cell) grid->failed = true;
  for (int i = 0; cell && i < grid->n_column; i++) cell[i] = "";
  return cell;
}

void wn_grid_group_begin(wn_grid *grid, int level, const char *title) {
  wn_grid_group group = {.title = title, .level = level};
  if (!WN_PUSH(&grid->groups, group)) grid->failed = true;
}

void wn_grid_row_add(wn_grid *grid, const char *label, const char **cell) {
  wn_grid_row row = {label, cell};
  if (grid->failed || !WN_PUSH(&grid->groups.data[grid->groups.n - 1].rows, row)) grid->failed = true;
}

static int max_of(int a, int b) { return a > b ? a : b; }

// how far a group's rows stand in
static int row_indent(const wn_grid_group *group) { return *group->title ? 2 + 2 * group->level : 0; }

static int label_width(const wn_grid *grid) {
  int width = 0;
  for (int g = 0; g < grid->groups.n; g++)
    for (int i = 0; i < grid->groups.data[g].rows.n; i++)
      width = max_of(width, row_indent(&grid->groups.data[g]) + wn_text_cells(grid->groups.data[g].rows.data[i].label));
  return width;
}

static int cells_width(const wn_grid *grid, int column) {
  int width = 0;
  for (int g = 0; g < grid->groups.n; g++)
    for (int i = 0; i < grid->groups.data[g].rows.n; i++)
      width = max_of(width, wn_text_cells(grid->groups.data[g].rows.data[i].cell[column]));
  return width;
}

// the head of a column, wrapped into at most MAX_LINES lines; returns how many
typedef struct head_lines {
  const char *text[MAX_LINES];
  size_t n_byte[MAX_LINES];
  int n, width;
} head_lines;

static head_lines wrap_head(const char *text, int width) {
  head_lines lines = {.n = 0};
  while (*text && lines.n < MAX_LINES) {
    const char *next;
    lines.text[lines.n] = text;
    lines.n_byte[lines.n] = take_line(text, width, &next);
    char line[512];
    snprintf(line, sizeof line, "%.*s", (int)lines.n_byte[lines.n], text);
    lines.width = max_of(lines.width, wn_text_cells(line));
    lines.n++;
    text = next;
  }
  return lines;
}

static void print_heads(const wn_grid *grid, const head_lines *head, const int *width, int label, FILE *stream) {
  int n_line = 0;
  for (int c = 0; c < grid->n_column; c++) n_line = max_of(n_line, head[c].n);
  // heads stand on the line below them
  for (int line = 0; line < n_line; line++) {
    blanks(stream, label);
    for (int c = 0; c < grid->n_column; c++) {
      int own = line - (n_line - head[c].n);
      char text[512] = "";
      if (own >= 0) snprintf(text, sizeof text, "%.*s", (int)head[c].n_byte[own], head[c].text[own]);
      blanks(stream, GAP);
      put(stream, text, width[c], true);
    }
    fputc('\n', stream);
  }
}

static void print_side_by_side(const wn_grid *grid, const head_lines *head, const int *cells, int label, int total,
                               int width, FILE *stream) {
  print_heads(grid, head, cells, label, stream);
  wn_print_rule(stream, total);
  for (int g = 0; g < grid->groups.n; g++) {
    const wn_grid_group *group = &grid->groups.data[g];
    int indent = row_indent(group);
    // a blank line before what stands for itself
    if (g && group->level == 0) fputc('\n', stream);
    if (*group->title) {
      blanks(stream, indent - 2);
      wn_print_wrapped(stream, group->title, width, indent - 2, indent);
    }
    for (int i = 0; i < group->rows.n; i++) {
      blanks(stream, indent);
      put(stream, group->rows.data[i].label, label - indent, false);
      for (int c = 0; c < grid->n_column; c++) {
        blanks(stream, GAP);
        put(stream, group->rows.data[i].cell[c], cells[c], true);
      }
      fputc('\n', stream);
    }
  }
  wn_print_rule(stream, total);
}

static int row_width(const wn_grid *grid, const wn_grid_row *row) {
  int width = wn_text_cells(row->label);
  for (int c = 0; c < grid->n_column; c++) width = max_of(width, wn_text_cells(row->cell[c]));
  return width;
}

// rows [from, to) of a group as columns, a line for each column of the grid
static void print_turned_rows(const wn_grid *grid, const wn_grid_group *group, int from, int to, int head,
                              FILE *stream) {
  for (int c = -1; c < grid->n_column; c++) {
    put(stream, c < 0 ? "" : grid->head[c], head, false);
    for (int i = from; i < to; i++) {
      const wn_grid_row *row = &group->rows.data[i];
      blanks(stream, GAP);
      put(stream, c < 0 ? row->label : row->cell[c], row_width(grid, row), true);
    }
    fputc('\n', stream);
  }
}

// as many rows beside each other as fit, then the next
static void print_turned(const wn_grid *grid, const wn_grid_group *group, int head, int width, FILE *stream) {
  if (*group->title) wn_print_wrapped(stream, group->title, width, 0, 2);
  for (int from = 0, to; from < group->rows.n; from = to) {
    int need = head;
    for (to = from; to < group->rows.n; to++) {
      int more = GAP + row_width(grid, &group->rows.data[to]);
      if (to > from && need + more > width) break;
      need += more;
    }
    // where not even one fits, names give way
    int names = need > width ? max_of(MIN_HEAD, head - (need - width)) : head;
    if (from > 0) fputc('\n', stream);
    print_turned_rows(grid, group, from, to, names, stream);
  }
}

wn_status wn_grid_print(const wn_grid *grid, FILE *stream, int width, wn_error *err) {
  size_t n = (size_t)grid->n_column + 1;
  head_lines *head = wn_alloc(n * sizeof *head);
  int *cells = wn_alloc(n * sizeof *cells);
  bool ok = head && cells && !grid->failed;
  if (ok) {
    int label = label_width(grid), total = label, widest = 0;
    for (int c = 0; c < grid->n_column; c++) {
      cells[c] = cells_width(grid, c);
      head[c] = wrap_head(grid->head[c], max_of(cells[c], MIN_HEAD));
      cells[c] = max_of(cells[c], head[c].width);
      total += GAP + cells[c];
      widest = max_of(widest, wn_text_cells(grid->head[c]));
    }
    if (total <= width || grid->n_column == 1) {
      print_side_by_side(grid, head, cells, label, total, width, stream);
    } else {
      for (int g = 0; g < grid->groups.n; g++) {
        if (g) fputc('\n', stream);
        print_turned(grid, &grid->groups.data[g], widest < MAX_LABEL ? widest : MAX_LABEL, width, stream);
      }
      wn_print_rule(stream, width);
    }
  }
  wn_free(head);
  wn_free(cells);
  return ok ? WN_OK : wn_fail_memory(err);
}
