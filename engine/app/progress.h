// progress.h - how far a sweep is, on standard error: a bar that is redrawn on a terminal, a line now and then
// elsewhere.
#ifndef WN_APP_PROGRESS_H
#define WN_APP_PROGRESS_H

#include "sweep/sweep.h"

typedef struct wn_progress_line {
  bool quiet, terminal;
  double begun, shown;  // s
  int width;            // of what stands on the terminal's line
  const char *what;     // is counted: "points"
} wn_progress_line;

// `what` is counted: "points", "individuals".
void wn_progress_begin(wn_progress_line *line, bool quiet, const char *what);

// For wn_sweep_def.progress; context is the line. Draws a few times a second at most, elsewhere every 30 s.
void wn_progress_show(void *line, const wn_sweep_progress *now);

// On a terminal, words in place of the bar.
void wn_progress_words(wn_progress_line *line, const char *words);

// Wipe the bar, so that words can follow.
void wn_progress_clear(wn_progress_line *line);

// Seconds since it began.
double wn_progress_elapsed(const wn_progress_line *line);

// "1:04:09", "2:03 min", "4.2 s".
void wn_progress_duration(double seconds, char text[32]);

#endif
