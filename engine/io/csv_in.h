// csv_in.h - a CSV file in memory, cut into fields: RFC 4180 with commas, any line ending, UTF-8 with or without a
// byte-order mark. Blank lines and lines that begin with # are no rows; blanks around an unquoted field do not count.
// Private to io/.
#ifndef WN_IO_CSV_IN_H
#define WN_IO_CSV_IN_H

#include "base/error.h"

typedef struct wn_csv {
  const char *path;  // borrowed, for messages
  char *text;        // the whole file, cut and unquoted in place; what the others point into
  int n_column, n_row;
  char **name;  // [n_column] of the header
  char **row;   // [n_row], each n_column fields one after another, every one ended with '\0'
  int *line;    // [n_row], from 1
} wn_csv;

// Read a file, or a pipe to its end. Memory: the file's size and 12 bytes a row. Errors, all WN_ERR_USER and naming
// file and line: not there, a directory, not text, empty, separated by something else than commas, a row with fewer or
// more fields than the header, a quote that does not end or is followed by something.
wn_status wn_csv_read(const char *path, wn_csv *csv, wn_error *err);
void wn_csv_free(wn_csv *csv);

// Where the n fields of a row begin.
void wn_csv_fields(const char *row, int n, const char **field);

#endif
