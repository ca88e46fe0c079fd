// progress.c - see progress.h. Invariant: what is shown is the sweep's own count; nothing is guessed but the time left.

#include "progress.h"

#include "app.h"

#include <math.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

static const double REDRAW = 0.2, SPEAK = 30;  // s

enum { BAR = 24 };

static double now_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

double wn_progress_elapsed(const wn_progress_line *line) { return now_seconds() - line->begun; }

void wn_progress_begin(wn_progress_line *line, bool quiet, const char *what) {
  *line = (wn_progress_line){.quiet = quiet, .terminal = isatty(STDERR_FILENO) == 1, .what = what};
  line->begun = line->shown = now_seconds();
}

void wn_progress_duration(double seconds, char text[32]) {
  if (!(seconds < 3600.0 * 24 * 9999)) {
    snprintf(text, 32, "long");
  } else if (seconds < 60) {
    snprintf(text, 32, "%.*f s", seconds < 9.95 ? 1 : 0, seconds);
  } else {
    long s = lround(seconds);
    if (s < 3600)
      snprintf(text, 32, "%ld:%02ld min", s / 60, s % 60);
    else
      snprintf(text, 32, "%ld:%02ld h", s / 3600, s / 60 % 60);
  }
}

static void words(const wn_progress_line *line, const wn_sweep_progress *p, char *text, size_t size) {
  double elapsed = wn_progress_elapsed(line), rate = elapsed > 0 ? (double)p->n_run / elapsed : 0;
  double per_case = p->n_case > 0 ? (double)(p->n_run + p->n_kept) / (double)p->n_case_done : 0;
  char left[32] = "?";
  if (rate > 0) wn_progress_duration((double)(p->n_case - p->n_case_done) * per_case / rate, left);
  int at = snprintf(text, size, "%lld of %lld %s, %.0f simulations/s, %s left", (long long)p->n_case_done,
                    (long long)p->n_case, line->what, rate, left);
  if (p->n_failed > 0 && at > 0 && (size_t)at < size)
    snprintf(text + at, size - (size_t)at, ", %lld failed", (long long)p->n_failed);
}

static int columns(void) {
  struct winsize size;
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
  return size.ws_col;
}

static void draw(wn_progress_line *line, const wn_sweep_progress *p) {
  char text[256], bar[BAR + 1];
  words(line, p, text, sizeof text);
  int full = p->n_case > 0 ? (int)((double)BAR * (double)p->n_case_done / (double)p->n_case) : 0;
  for (int i = 0; i < BAR; i++) bar[i] = i < full ? '#' : '.';
  bar[BAR] = '\0';
  // never more than the line has, or the terminal would scroll
  int room = columns() - 1;
  fprintf(stderr, "\r\033[K[%s] %.*s", bar, room > BAR + 3 ? room - BAR - 3 : 0, text);
  fflush(stderr);
  line->width = 1;
}

void wn_progress_show(void *context, const wn_sweep_progress *now) {
  wn_progress_line *line = context;
  if (line->quiet) return;
  double time = now_seconds();
  if (time - line->shown < (line->terminal ? REDRAW : SPEAK)) return;
  line->shown = time;
  if (line->terminal) {
    draw(line, now);
    return;
  }
  char text[256];
  words(line, now, text, sizeof text);
  wn_app_say("%s", text);
}

void wn_progress_words(wn_progress_line *line, const char *words) {
  if (line->quiet || !line->terminal) return;
  fprintf(stderr, "\r\033[K%s", words);
  fflush(stderr);
  line->width = 1;
}

void wn_progress_clear(wn_progress_line *line) {
  if (line->width > 0) fputs("\r\033[K", stderr);
  line->width = 0;
}
