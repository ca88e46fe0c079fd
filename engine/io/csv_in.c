// csv_in.c - reading CSV: a window slides over the file, and whole rows in it are cut into text of their own.
// Invariant: a row is cut only if what ends it is in the window, else the window first moves on; so how the file came
// in pieces does not matter. Nothing is interpreted but commas, quotes and line ends; what fields mean is not known
// here.

#include "io/csv_in.h"

#include "base/buffer.h"
#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_LINE = 1000000000, WINDOW = 1 << 18 };

struct wn_csv_source {
  gzFile file;
  char *window;
  size_t size;       // of the window, without the '\0' behind it
  const char *at;    // what is not cut yet,
  char *end;         // ended by '\0'
  long line;         // of `at`, from 1
  bool begun, done;  // something was read; there is no more
  wn_buffer header;  // what the names point into
  wn_buffer kept;    // a row that was cut and belongs to the next rows
  int kept_line, kept_length;
};

// -- the window -------------------------------------------------------------------------------------------------------

// what people hand over by mistake, told by its first bytes
static wn_status check_first(const char *path, const char *text, size_t size, wn_error *err) {
  static const struct {
    const char *magic, *what;
  } others[] = {{"PK\x03\x04", "a spreadsheet or zip archive; try saving it as CSV (UTF-8)"},
                {"\xd0\xcf\x11\xe0", "a spreadsheet; try saving it as CSV (UTF-8)"},
                {"\x28\xb5\x2f\xfd", "compressed, but not by gzip; try unpacking it first"},
                {"BZh", "compressed, but not by gzip; try unpacking it first"},
                {"\xfd"
                 "7zXZ",
                 "compressed, but not by gzip; try unpacking it first"},
                {"\xff\xfe", "UTF-16 text; try saving it as UTF-8"},
                {"\xfe\xff", "UTF-16 text; try saving it as UTF-8"}};
  for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
    size_t length = strlen(others[i].magic);
    if (size >= length && memcmp(text, others[i].magic, length) == 0)
      return wn_fail(err, WN_ERR_USER, "%s: expected CSV text, got %s", path, others[i].what);
  }
  return WN_OK;
}

static wn_status fail_read(const char *path, gzFile file, wn_error *err) {
  int number = Z_OK;
  const int reason = errno;
  gzerror(file, &number);
  if (number == Z_ERRNO) return wn_fail(err, WN_ERR_IO, "%s: cannot read: %s", path, strerror(reason));
  if (number == Z_MEM_ERROR) return wn_fail_memory(err);
  return wn_fail(err, WN_ERR_USER, "%s: expected text compressed by gzip, got a file that is %s", path,
                 number == Z_BUF_ERROR ? "cut short" : "damaged");
}

// What is not cut moves to the window's front, and the file fills the rest; a window that is full already grows. Text
// is looked at as it comes, so that an endless device ends at once.
static wn_status fill(const char *path, wn_csv_source *s, wn_error *err) {
  const size_t left = (size_t)(s->end - s->at);
  if (left == s->size) {
    const size_t offset = (size_t)(s->at - s->window);
    char *more = wn_realloc(s->window, 2 * s->size + 1);
    if (!more) return wn_fail_memory(err);
    s->window = more, s->size *= 2, s->at = more + offset;
  }
  memmove(s->window, s->at, left);
  s->at = s->window, s->end = s->window + left;
  errno = 0;
  const int n = gzread(s->file, s->end, (unsigned)(s->size - left));
  int number = Z_OK;
  gzerror(s->file, &number);
  if (n < 0 || (n == 0 && number != Z_OK && number != Z_STREAM_END)) return fail_read(path, s->file, err);
  s->done = n == 0;
  if (!s->begun) WN_TRY(check_first(path, s->end, (size_t)n, err));
  if (n > 0 && memchr(s->end, '\0', (size_t)n))
    return wn_fail(err, WN_ERR_USER, "%s: expected CSV text, got a binary file; try saving it as CSV (UTF-8)", path);
  s->begun = true;
  s->end += n;
  *s->end = '\0';
  return WN_OK;
}

static wn_status open_file(const char *path, wn_csv_source *s, wn_error *err) {
  struct stat about;
  const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 || fstat(descriptor, &about) || S_ISDIR(about.st_mode)) {
    const int number = descriptor < 0 ? errno : EISDIR;
    if (descriptor >= 0) close(descriptor);
    return wn_fail(err, WN_ERR_USER, "%s: cannot read: %s; try the path of a CSV file with records", path,
                   strerror(number));
  }
  s->file = gzdopen(descriptor, "rb");
  if (!s->file) close(descriptor);
  s->size = WINDOW;
  s->window = s->file ? wn_alloc(s->size + 1) : NULL;
  if (!s->window) return wn_fail_memory(err);
  s->at = s->end = s->window;
  s->line = 1;
  return fill(path, s, err);
}

// -- cutting ----------------------------------------------------------------------------------------------------------

// Where cutting stands: fields are read from `at` and written to `to`.
typedef struct cutter {
  const char *path, *at, *end;  // *end is '\0'
  char *to;
  long line;      // of `at`, from 1
  bool row_end;   // the last field ended its row
  bool is_plain;  // no field of the row needs quotes
} cutter;

static wn_status fail_line(const cutter *c, long line, wn_error *err, const char *words) {
  return wn_fail(err, WN_ERR_USER, "%s:%ld: %s", c->path, line, words);
}

static bool at_line_end(const cutter *c) { return c->at >= c->end || *c->at == '\r' || *c->at == '\n'; }

static void skip_blanks(cutter *c) {
  while (*c->at == ' ' || *c->at == '\t') c->at++;
}

// a line end, of any kind, is passed
static void pass_line_end(cutter *c) {
  if (c->at < c->end && *c->at++ == '\r' && *c->at == '\n') c->at++;
  c->line++;
}

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
  c->is_plain = false;
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

// what ends a field, what makes it need quotes when it is written again, and what may have to be cut off its end
enum { ENDS = 1, ODD = 2, BLANK = 4 };
static const unsigned char kind[256] = {
    ['\0'] = ENDS, [','] = ENDS, ['\r'] = ENDS, ['\n'] = ENDS, ['"'] = ODD, ['#'] = ODD, [' '] = BLANK, ['\t'] = BLANK};

static void cut_plain(cutter *c) {
  const char *from = c->at;
  char *to = c->to;
  unsigned seen = 0;
  for (unsigned k; !((k = kind[(unsigned char)*from]) & ENDS); seen |= k) *to++ = *from++;
  while (seen & BLANK && to > c->to && (to[-1] == ' ' || to[-1] == '\t')) to--;
  if (seen & ODD) c->is_plain = false;
  c->at = from, c->to = to;
}

static wn_status cut_field(cutter *c, wn_error *err) {
  skip_blanks(c);
  if (*c->at == '"')
    WN_TRY(cut_quoted(c, err));
  else
    cut_plain(c);
  end_field(c);
  return WN_OK;
}

// blank lines and comments are no rows
static void skip_idle_lines(cutter *c) {
  while (c->at < c->end) {
    const char *begin = c->at;
    skip_blanks(c);
    if (!at_line_end(c) && *c->at != '#') {
      c->at = begin;
      return;
    }
    while (!at_line_end(c)) c->at++;
    pass_line_end(c);
  }
}

static wn_status fail_ragged(const cutter *c, const wn_csv *csv, long line, int n, wn_error *err) {
  if (n > csv->n_column)
    return wn_fail(err, WN_ERR_USER,
                   "%s:%ld: expected %d fields as in the header, got more; try quoting text with commas", c->path, line,
                   csv->n_column);
  return wn_fail(err, WN_ERR_USER, "%s:%ld: expected %d fields as in the header, got %d; try . for what is missing",
                 c->path, line, csv->n_column, n);
}

// the fields of a row, or of the header (n_column 0) as many as there are -> *n
static wn_status cut_row(cutter *c, const wn_csv *csv, int *n, wn_error *err) {
  const long line = c->line;
  *n = 0;
  c->is_plain = true;
  do {
    if (++*n > csv->n_column && csv->n_column) return fail_ragged(c, csv, line, *n, err);
    WN_TRY(cut_field(c, err));
  } while (!c->row_end);
  return *n < csv->n_column ? fail_ragged(c, csv, line, *n, err) : WN_OK;
}

// A row that was cut.
typedef struct cut {
  size_t at, length;  // in the text, every '\0' counted
  long line;
  int n_field;  // 0: there is none
  bool is_plain;
} cut;

// The next row onto the end of text. Where the window's end is met before the file's, all is tried again from a window
// that reaches further; what was found then does not count.
static wn_status next_row(const wn_csv *csv, wn_buffer *text, cut *found, wn_error *err) {
  wn_csv_source *s = csv->source;
  for (;;) {
    // fields are no longer than what they are cut from
    char *to = wn_buffer_room(text, (size_t)(s->end - s->at) + 2);
    if (!to) return wn_fail_memory(err);
    cutter c = {.path = csv->path, .at = s->at, .end = s->end, .to = to, .line = s->line};
    skip_idle_lines(&c);
    *found = (cut){.at = text->n, .line = c.line};
    wn_status status = c.at < c.end ? cut_row(&c, csv, &found->n_field, err) : WN_OK;
    if (c.at >= c.end && !s->done) {
      WN_TRY(fill(csv->path, s, err));
      continue;
    }
    if (!status && c.line > MAX_LINE)
      status = fail_line(&c, found->line, err, "expected at most 10^9 lines; try several files");
    s->at = c.at, s->line = c.line;
    found->is_plain = c.is_plain;
    found->length = (size_t)(c.to - to);
    if (!status) text->n += found->length;
    return status;
  }
}

// -- the header -------------------------------------------------------------------------------------------------------

// a header in one piece is one whose separator is not the comma
static wn_status check_separator(const wn_csv *csv, long line, wn_error *err) {
  static const char marks[] = ";\t| ", *const names[] = {"semicolons", "tabs", "bars", "blanks"};
  for (int i = 0; csv->n_column == 1 && i < 4; i++)
    if (strchr(csv->name[0], marks[i]))
      return wn_fail(
          err, WN_ERR_USER,
          "%s:%ld: expected commas between the columns, got %s; try saving it as CSV with commas (and a point "
          "in numbers)",
          csv->path, line, names[i]);
  return WN_OK;
}

static wn_status read_header(wn_csv *csv, wn_error *err) {
  wn_csv_source *s = csv->source;
  cut header;
  if (s->end - s->at >= 3 && memcmp(s->at, "\xef\xbb\xbf", 3) == 0) s->at += 3;
  WN_TRY(next_row(csv, &s->header, &header, err));
  if (!header.n_field)
    return wn_fail(err, WN_ERR_USER, "%s: expected a header line with the names of columns, got nothing", csv->path);
  csv->name = wn_alloc((size_t)header.n_field * sizeof *csv->name);
  if (!csv->name) return wn_fail_memory(err);
  csv->n_column = header.n_field;
  wn_csv_fields(s->header.data + header.at, csv->n_column, (const char **)csv->name);
  return check_separator(csv, header.line, err);
}

wn_status wn_csv_open(const char *path, wn_csv *csv, wn_error *err) {
  *csv = (wn_csv){.path = path, .source = wn_alloc(sizeof *csv->source)};
  if (!csv->source) return wn_fail_memory(err);
  WN_TRY(open_file(path, csv->source, err));
  return read_header(csv, err);
}

void wn_csv_close(wn_csv *csv) {
  wn_csv_source *s = csv->source;
  if (s) {
    if (s->file) gzclose(s->file);
    wn_free(s->window);
    wn_buffer_free(&s->header);
    wn_buffer_free(&s->kept);
  }
  wn_free(s);
  wn_free(csv->name);
  *csv = (wn_csv){0};
}

// -- rows -------------------------------------------------------------------------------------------------------------

// Rows while their text may still move.
typedef struct growing {
  wn_buffer text;
  WN_ARRAY(size_t) at;
  WN_ARRAY(int) line;
  WN_ARRAY(int) length;
} growing;

static const char *field_of(const char *fields, int column) {
  while (column-- > 0) fields += strlen(fields) + 1;
  return fields;
}

static bool add_row(growing *g, size_t at, int line, int length) {
  return WN_PUSH(&g->at, at) && WN_PUSH(&g->line, line) && WN_PUSH(&g->length, length);
}

// a row that came too far is kept for next time
static bool keep(wn_csv_source *s, growing *g, const cut *found, int length) {
  s->kept.n = 0;
  wn_buffer_put(&s->kept, g->text.data + found->at, found->length);
  s->kept_line = (int)found->line, s->kept_length = length;
  g->text.n = found->at;
  return !s->kept.failed;
}

static wn_status read_rows(wn_csv *csv, size_t size, int key, wn_csv_same *same, growing *g, wn_error *err) {
  wn_csv_source *s = csv->source;
  wn_buffer_put(&g->text, s->kept.data, s->kept.n);
  if (s->kept.n && (g->text.failed || !add_row(g, 0, s->kept_line, s->kept_length))) return wn_fail_memory(err);
  s->kept.n = 0;
  for (cut found;;) {
    WN_TRY(next_row(csv, &g->text, &found, err));
    if (!found.n_field) return WN_OK;
    const int length = found.is_plain ? (int)found.length - 1 : 0;
    if (key >= 0 && found.at >= size && g->at.n) {
      const char *before = g->text.data + g->at.data[g->at.n - 1], *now = g->text.data + found.at;
      if (!same(field_of(before, key), field_of(now, key)))
        return keep(s, g, &found, length) ? WN_OK : wn_fail_memory(err);
    }
    if (!add_row(g, found.at, (int)found.line, length)) return wn_fail_memory(err);
  }
}

wn_status wn_csv_next(wn_csv *csv, size_t size, int key, wn_csv_same *same, wn_csv_rows *rows, wn_error *err) {
  growing g = {0};
  *rows = (wn_csv_rows){0};
  wn_status status = read_rows(csv, size, key, same, &g, err);
  rows->row = wn_alloc((size_t)(g.at.n + 1) * sizeof *rows->row);
  if (!status && !rows->row) status = wn_fail_memory(err);
  for (int i = 0; rows->row && i < g.at.n; i++) rows->row[i] = g.text.data + g.at.data[i];
  rows->n = g.at.n, rows->text = g.text.data, rows->line = g.line.data, rows->length = g.length.data;
  WN_ARRAY_FREE(&g.at);
  if (status) wn_csv_rows_free(rows);
  return status;
}

bool wn_csv_at_end(const wn_csv *csv) {
  const wn_csv_source *s = csv->source;
  return s->done && s->at == s->end && !s->kept.n;
}

void wn_csv_rows_free(wn_csv_rows *rows) {
  wn_free(rows->text);
  wn_free(rows->row);
  wn_free(rows->line);
  wn_free(rows->length);
  *rows = (wn_csv_rows){0};
}

void wn_csv_fields(const char *row, int n, const char **field) {
  for (int k = 0; k < n; k++) {
    field[k] = row;
    // (fields are short)
    while (*row++) continue;
  }
}
