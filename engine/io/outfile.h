// outfile.h - files that are either whole or not there, written in blocks that all threads make. Errors of a write are
// remembered by the stream and reported by commit, with the disk's reason.
#ifndef WN_IO_OUTFILE_H
#define WN_IO_OUTFILE_H

#include "base/buffer.h"
#include "base/error.h"
#include <stdint.h>
#include <stdio.h>

// A file under construction: write to `stream`, or put blocks of text, then commit (rename) or abandon (unlink).
// {.stream = stdout} is somebody else's: it is released or abandoned, and stays open.
typedef struct wn_outfile {
  FILE *stream;
  char *path, *temporary;
  FILE *special;  // where what is held back will go
  bool gzip;      // the path ends in .gz: blocks of text are compressed
} wn_outfile;

wn_status wn_outfile_open(wn_outfile *file, const char *path, wn_error *err);
wn_status wn_outfile_commit(wn_outfile *file, wn_error *err);
void wn_outfile_abandon(wn_outfile *file);

// Why writing failed: the disk's reason, or `words` where it has none. For writers that use the temporary's name
// instead of the stream; the file can only be abandoned after that.
const char *wn_outfile_why(const wn_outfile *file, const char *words);
wn_status wn_outfile_refuse(const wn_outfile *file, int number, wn_error *err);  // WN_ERR_IO for this errno

// Hold what is written from here on back until release or commit, also where the file is a device, a pipe or a stream
// of somebody else, from which nothing can be taken back: in a temporary file without a name. Nothing is to be done
// where the file is beside its target anyway.
wn_status wn_outfile_hold(wn_outfile *file, wn_error *err);
wn_status wn_outfile_release(wn_outfile *file, wn_error *err);

// Put a block of text and empty it; in a .gz it becomes a member by itself, the same bytes at any time. WN_ERR_MEMORY,
// also when the text failed.
wn_status wn_outfile_put(wn_outfile *file, wn_buffer *text, wn_error *err);

// Rows first..first+n of a file as text. Must depend on nothing but these numbers.
typedef wn_status wn_format_rows(void *context, int64_t first, int64_t n, wn_buffer *text, wn_error *err);

// n rows, `block` at a time, formatted and compressed by n_thread threads (0: all cores), put in order by the caller's:
// the same bytes for any number of threads. Memory: two blocks a thread. Ends early where the stream has an error.
// Errors: those of format, of the first block that has one; WN_ERR_INTERRUPT, WN_ERR_MEMORY.
wn_status wn_outfile_rows(wn_outfile *file, int64_t n, int64_t block, wn_format_rows *format, void *context,
                          int n_thread, wn_error *err);

// Does a path, or its beginning before ".gz", end like this (".csv")?
bool wn_path_ends(const char *path, const char *ending);
bool wn_path_ends_packed(const char *path, const char *ending);

#endif
