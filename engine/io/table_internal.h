// table_internal.h - what the files of the table share. An arm's individuals are the series from arm * n on; the days
// of all of them are the same.
#ifndef WN_IO_TABLE_INTERNAL_H
#define WN_IO_TABLE_INTERNAL_H

#include "io/grid.h"
#include "sim/result.h"

// The day whose metrics are shown: the last whole dosing day, or 0 for the whole run; and its span in h.
int wn_table_day(const wn_result *result, int series);
void wn_table_span(const wn_result *result, int series, double *from, double *to);

const char *wn_table_window_title(const wn_result *result, wn_grid *grid, const wn_window_def *window);

// table_people.c: rows of an output or a window where an arm has several individuals, into the last group.
void wn_table_people_output(const wn_result *result, wn_grid *grid, int output);
void wn_table_people_window(const wn_result *result, wn_grid *grid, int window);

#endif
