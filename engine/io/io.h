// io.h - results to files and terminals. Files are written to a temporary name beside the target and renamed, so that
// nothing half-written is ever seen; a full disk or an unwritable place is WN_ERR_IO with file and reason, checked
// through fclose.
#ifndef WN_IO_IO_H
#define WN_IO_IO_H

#include "sim/result.h"
#include <stdio.h>

#define WN_NOT_MEDICAL_ADVICE "For teaching and research. Not medical advice."

// A file under construction: write to `stream`, then commit (rename) or abandon (unlink).
typedef struct wn_outfile {
  FILE *stream;
  char *path, *temporary;
} wn_outfile;
wn_status wn_outfile_open(wn_outfile *file, const char *path, wn_error *err);
wn_status wn_outfile_commit(wn_outfile *file, wn_error *err);
void wn_outfile_abandon(wn_outfile *file);

// Trajectories: `# wane ...` header comments with units, then arm,subject,time,clock, states and outputs.
wn_status wn_write_trajectories_csv(const wn_result *result, const char *path, const char *command, wn_error *err);

// Metrics and windows: arm,subject,quantity,of,value,unit,clock,day; .csv or .json by the ending ("-" is stdout JSON).
wn_status wn_write_summary(const wn_result *result, const char *path, wn_error *err);

// The table of arms side by side (UTF-8 text, at most `columns` wide) and the JSON summary, to a stream.
wn_status wn_write_table(const wn_result *result, FILE *stream, int columns, wn_error *err);
wn_status wn_write_json(const wn_result *result, FILE *stream, wn_error *err);

// The picture: .svg, .png or .pdf by the ending. Strips per watched output over a clock axis.
wn_status wn_plot(const wn_result *result, const char *path, wn_error *err);

#endif
