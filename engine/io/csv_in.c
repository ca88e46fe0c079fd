// csv_in.c - reading CSV: the file is loaded whole, then cut in place. Invariant: what is cut never overtakes what is
// still to be read. Nothing is interpreted but commas, quotes and line ends; what fields mean is not known here.

#include "io/csv_in.h"

#include "base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum { MAX_LINE = 1000000000, FIRST_READ = 65536 };

// -- loading ----------------------------------------------------------------------------------------------------------

// what people hand over by mistake, told by its first bytes
static wn_status check_text(const char *path, const char *text, size_t size, wn_error *err) {
  static const struct {
    const char *magic, *what;
  } others[] = {{"PK\x03\x04", "a spreadsheet or zip archive; try saving it as CSV (UTF-8)"},
                {"\xd0\xcf\x11\xe0", "a spreadsheet; try saving it as CSV (UTF-8)"},
                {"\x1f\x8b", "compressed; try unpacking it first"},
                {"\xff\xfe", "UTF-16 text; try saving it as UTF-8"},
                {"\xfe\xff", "UTF-16 text; try saving it as UTF-8"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    size_t length = strlen(others[i].magic);
    if (size >= length && memcmp(text, others[i].magic, length) == 0)
      return wn_fail(err, WN_ERR_USER, "%s: expected CSV text, got %s", path, others[i].what);
  }
  if (size && memchr(text, '\0', size))
    return wn_fail(err, WN_ERR_USER, "%s: expected CSV text, got a binary file; try saving it as CSV (UTF-8)", path);
  return WN_OK;
}

// all of a stream; `room` bytes are expected. Text is looked at as it comes, so that an endless device ends at once.
static wn_status load_stream(FILE *in, const char *path, size_t room, char **text, size_t *size, wn_error *err) {
  *size = 0;
  *text = wn_alloc(room + 1);
  while (*text) {
    *size += fread(*text + *size, 1, room - *size, in);
    WN_TRY(check_text(path, *text, *size, err));
    if (ferror(in)) return wn_fail(err, WN_ERR_IO, "%s: cannot read: %s", path, strerror(errno));
    if (*size < room) break;
    // a pipe, or a file that grew
    room *= 2;
    char *more = wn_realloc(*text, room + 1);
    if (!more) return wn_fail_memory(err);
    *text = more;
  }
  if (!*text) return wn_fail_memory(err);
  (*text)[*size] = '\0';
  return WN_OK;
}

static wn_status load(const char *path, char **text, size_t *size, wn_error *err) {
  FILE *in = fopen(path, "rb");
  struct stat about;
  if (!in || fstat(fileno(in), &about) || S_ISDIR(about.st_mode)) {
    int number = in ? EISDIR : errno;
    if (in) fclose(in);
    return wn_fail(err, WN_ERR_USER, "%s: cannot read: %s; try the path of a CSV file with records", path,
                   strerror(number));
  }
  size_t room = S_ISREG(about.st_mode) && about.st_size > 0 ? (size_t)about.st_size + 1 : FIRST_READ;
  wn_status status = load_stream(in, path, room, text, size, err);
  fclose(in);
  return status;
}

// -- cutting ----------------------------------------------------------------------------------------------------------

// Where cutting stands: fields are read from `at` and written to `to`, which is never ahead.
typedef struct cutter {
  const char *path;
  char *at, *to, *end;
  long line;     // of `at`, from 1
  bool row_end;  // the last field ended its row
} cutter;

static wn_status fail_line(const cutter *c, long line, wn_error *err, const char *words) {
  return wn_fail(err, WN_ERR_USER, "%s:%ld: %s", c->path, line, words);
}

static bool at_line_end(const cutter *c) { return c->at >= c->end || *c->at == '\r' || *c->at == '\n'; }

static void skip_blanks(cutter *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t')) c->at++;
}

// a line end, of any kind, is passed
static void pass_line_end(cutter *c) {
  if (c->at < c->end && *c->at++ == '\r' && c->at < c->end && *c->at == '\n') c->at++;
  c->line++;
}

// the comma or line end after a field is passed before the field's '\0' may take its place
static void end_field(cutter *c) {
  c->row_end = at_line_end(c);
  if (c->row_end)
    pass_line_end(c);
  else
    c->at++;
  *c->to++ = '\0';
}

static wn_status cut_quoted(cutter *c, wn_error *err) {
  long line = c->line;
  for (c->at++; c->at < c->end; c->at++) {
    if (*c->at == '"' && c->at[1] != '"') break;
    if (*c->at == '"') c->at++;
    if (*c->at == '\n' || (*c->at == '\r' && c->at[1] != '\n')) c->line++;
    *c->to++ = *c->at;
  }
  if (c->at >= c->end)
    return fail_line(c, line, err, "expected a \" that ends the quote begun here, got the file's end");
  c->at++;
  skip_blanks(c);
  if (!at_line_end(c) && *c->at != ',')
    return fail_line(c, c->line, err,
                     "expected a comma or the end of the line after a closing \", got more text; try \"\" for a quote "
                     "within quotes");
  return WN_OK;
}

static void cut_plain(cutter *c) {
  char *from = c->at;
  while (!at_line_end(c) && *c->at != ',') c->at++;
  char *close = c->at;
  while (close > from && (close[-1] == ' ' || close[-1] == '\t')) close--;
  memmove(c->to, from, (size_t)(close - from));
  c->to += close - from;
}

static wn_status cut_field(cutter *c, wn_error *err) {
  skip_blanks(c);
  if (c->at < c->end && *c->at == '"')
    WN_TRY(cut_quoted(c, err));
  else
    cut_plain(c);
  end_field(c);
  return WN_OK;
}

// blank lines and comments are no rows
static void skip_idle_lines(cutter *c) {
  while (c->at < c->end) {
    char *begin = c->at;
    skip_blanks(c);
    if (!at_line_end(c) && *c->at != '#') {
      c->at = begin;
      return;
    }
    while (!at_line_end(c)) c->at++;
    pass_line_end(c);
  }
}

// a header in one piece is one whose separator is not the comma
static wn_status check_separator(const cutter *c, const wn_csv *csv, long line, wn_error *err) {
  static const char marks[] = ";\t| ", *const names[] = {"semicolons", "tabs", "bars", "blanks"};
  for (int i = 0; csv->n_column == 1 && i < 4; i++)
    if (strchr(csv->name[0], marks[i]))
      return wn_fail(
          err, WN_ERR_USER,
          "%s:%ld: expected commas between the columns, got %s; try saving it as CSV with commas (and a point "
          "in numbers)",
          c->path, line, names[i]);
  return WN_OK;
}

static wn_status cut_header(cutter *c, wn_csv *csv, wn_error *err) {
  WN_ARRAY(char *) names = {0};
  skip_idle_lines(c);
  if (c->at >= c->end)
    return wn_fail(err, WN_ERR_USER, "%s: expected a header line with the names of columns, got nothing", csv->path);
  long line = c->line;
  wn_status status = WN_OK;
  do {
    char *field = c->to;
    status = cut_field(c, err);
    if (!status && !WN_PUSH(&names, field)) status = wn_fail_memory(err);
  } while (!status && !c->row_end);
  csv->name = names.data, csv->n_column = names.n;
  return status ? status : check_separator(c, csv, line, err);
}

static wn_status fail_ragged(const cutter *c, const wn_csv *csv, long line, int n, wn_error *err) {
  if (n > csv->n_column)
    return wn_fail(err, WN_ERR_USER,
                   "%s:%ld: expected %d fields as in the header, got more; try quoting text with commas", c->path, line,
                   csv->n_column);
  return wn_fail(err, WN_ERR_USER, "%s:%ld: expected %d fields as in the header, got %d; try . for what is missing",
                 c->path, line, csv->n_column, n);
}

static wn_status cut_row(cutter *c, const wn_csv *csv, wn_error *err) {
  long line = c->line;
  int n = 0;
  do {
    if (++n > csv->n_column) return fail_ragged(c, csv, line, n, err);
    WN_TRY(cut_field(c, err));
  } while (!c->row_end);
  return n < csv->n_column ? fail_ragged(c, csv, line, n, err) : WN_OK;
}

static wn_status cut_rows(cutter *c, wn_csv *csv, wn_error *err) {
  WN_ARRAY(char *) rows = {0};
  WN_ARRAY(int) lines = {0};
  wn_status status = WN_OK;
  for (skip_idle_lines(c); !status && c->at < c->end; skip_idle_lines(c)) {
    char *row = c->to;
    if (c->line > MAX_LINE)
      status = fail_line(c, c->line, err, "expected at most 10^9 lines; try several files");
    else if (!WN_PUSH(&rows, row) || !WN_PUSH(&lines, (int)c->line))
      status = wn_fail_memory(err);
    else
      status = cut_row(c, csv, err);
  }
  csv->row = rows.data, csv->line = lines.data, csv->n_row = rows.n;
  return status;
}

wn_status wn_csv_read(const char *path, wn_csv *csv, wn_error *err) {
  *csv = (wn_csv){.path = path};
  size_t size = 0;
  wn_status status = load(path, &csv->text, &size, err);
  if (!status) {
    cutter c = {.path = path, .at = csv->text, .to = csv->text, .end = csv->text + size, .line = 1};
    if (size >= 3 && memcmp(csv->text, "\xef\xbb\xbf", 3) == 0) c.at += 3;
    status = cut_header(&c, csv, err);
    if (!status) status = cut_rows(&c, csv, err);
  }
  if (status) wn_csv_free(csv);
  return status;
}

void wn_csv_free(wn_csv *csv) {
  wn_free(csv->text);
  wn_free(csv->name);
  wn_free(csv->row);
  wn_free(csv->line);
  *csv = (wn_csv){0};
}

void wn_csv_fields(const char *row, int n, const char **field) {
  for (int k = 0; k < n; k++) {
    field[k] = row;
    row += strlen(row) + 1;
  }
}
