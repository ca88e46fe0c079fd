// csv_in.h - a CSV file, cut into fields a piece at a time: RFC 4180 with commas, any line ending, UTF-8 with or
// without a byte-order mark, as it is or compressed by gzip. Blank lines and lines that begin with # are no rows;
// blanks around an unquoted field do not count. Private to io/.
#ifndef WN_IO_CSV_IN_H
#define WN_IO_CSV_IN_H

#include "base/error.h"
#include <stdbool.h>
#include <stddef.h>

typedef struct wn_csv_source wn_csv_source;

typedef struct wn_csv {
  const char *path;  // borrowed, for messages
  int n_column;
  char **name;  // [n_column] of the header
  wn_csv_source *source;
} wn_csv;

// Rows in data order. Whoever asked for them owns them; free with wn_csv_rows_free.
typedef struct wn_csv_rows {
  int n;
  char *text;   // cut and unquoted; what row points into
  char **row;   // [n], each n_column fields one after another, every one ended with '\0'
  int *line;    // [n], from 1
  int *length;  // [n] of a row with all its '\0' but the last, where these may become commas to give the row again;
                // 0 where fields need quotes
} wn_csv_rows;

// Open a file, or a pipe, and read its header. Errors, all WN_ERR_USER and naming file and line: not there, a
// directory, not text, damaged compression, empty, separated by something else than commas. Close it in any case.
wn_status wn_csv_open(const char *path, wn_csv *csv, wn_error *err);
void wn_csv_close(wn_csv *csv);

// Read on: rows of at least `size` characters together, and then on until the next one's field `key` is not `same` as
// the one before; all that are left where key is below 0. No rows at the end. Memory: theirs, 16 bytes a row and a
// window. Errors as above: a row with fewer or more fields than the header, a quote that does not end or is followed by
// something.
typedef bool wn_csv_same(const char *a, const char *b);
wn_status wn_csv_next(wn_csv *csv, size_t size, int key, wn_csv_same *same, wn_csv_rows *rows, wn_error *err);
bool wn_csv_at_end(const wn_csv *csv);  // after wn_csv_next: there are no more rows
void wn_csv_rows_free(wn_csv_rows *rows);

// Where the n fields of a row begin.
void wn_csv_fields(const char *row, int n, const char **field);

#endif
