// common.c - what several commands do alike: words to standard error, the request on the command line, planning.

#include "app.h"

#include "base/text.h"
#include "io/grid.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

void wn_app_say(const char *format, ...) {
  char line[2048];
  va_list args;
  va_start(args, format);
  vsnprintf(line, sizeof line, format, args);
  va_end(args);
  fputs("wane: ", stderr);
  wn_print_clean(stderr, line);
  fputc('\n', stderr);
}

int wn_app_fail(const wn_error *err) {
  if (err->status == WN_ERR_INTERRUPT)
    wn_app_say("interrupted");
  else
    wn_app_say("%s", err->message);
  if (err->status == WN_ERR_INTERRUPT) return WN_EXIT_INTERRUPT;
  return err->status == WN_ERR_USER ? WN_EXIT_USER : WN_EXIT_RUN;
}

int wn_app_columns(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 100;
  return size.ws_col < 40 ? 40 : size.ws_col > 200 ? 200 : size.ws_col;
}

// a time above zero: hours, "14d" or, where it makes sense, a clock time of the first day
static wn_status read_time(const wn_args *args, const char *name, double *hours, wn_error *err) {
  const char *text = wn_args_value(args, name);
  if (!text) return WN_OK;
  if ((wn_parse_duration(text, hours) || wn_parse_clock(text, hours)) && *hours > 0) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--%s: expected a time above 0 like 90min, 36 or 14d, got \"%.60s\"", name, text);
}

wn_status wn_app_number(const wn_args *args, const char *name, const char *expected, double *value, wn_error *err) {
  const char *text = wn_args_value(args, name);
  if (!text || wn_parse_number(text, value)) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--%s: expected %s, got \"%.60s\"", name, expected, text);
}

// --n and --seed of commands whose --n is individuals
static wn_status read_people(const wn_args *args, wn_study_def *def, wn_error *err) {
  double n = 1, seed = 1;
  WN_TRY(wn_app_number(args, "n", "a whole number of individuals from 1 to 1000000", &n, err));
  if (!(n >= 1 && n <= 1e6 && n == floor(n)))
    return wn_fail(err, WN_ERR_USER, "--n: expected a whole number of individuals from 1 to 1000000, got \"%.60s\"",
                   wn_args_value(args, "n"));
  WN_TRY(wn_app_number(args, "seed", "a whole number from 0 on", &seed, err));
  if (!(seed >= 0 && seed <= 9e15 && seed == floor(seed)))
    return wn_fail(err, WN_ERR_USER, "--seed: expected a whole number from 0 on, got \"%.60s\"",
                   wn_args_value(args, "seed"));
  def->n = (int)n;
  def->seed = (unsigned long long)seed;
  return WN_OK;
}

wn_status wn_request_read(const wn_args *args, wn_request *request, wn_error *err) {
  *request = (wn_request){.def = wn_study_default()};
  wn_study_def *def = &request->def;
  def->set = request->set, def->dose = request->dose;
  def->n_set = wn_args_values(args, "set", request->set);
  def->n_dose = wn_args_values(args, "dose", request->dose);
  def->hypothesis = wn_args_value(args, "hypothesis");
  if (wn_args_value(args, "solver")) def->solver = wn_args_value(args, "solver");
  WN_TRY(read_time(args, "until", &def->until, err));
  WN_TRY(read_time(args, "every", &def->every, err));
  WN_TRY(wn_app_number(args, "rtol", "a number between 0 and 1, like 1e-6", &def->rtol, err));
  WN_TRY(wn_app_number(args, "atol", "a number above 0, like 1e-9", &def->atol, err));
  double threads = 0;
  WN_TRY(wn_app_number(args, "threads", "a whole number from 1 to 4096", &threads, err));
  if (wn_args_has(args, "threads") && !(threads >= 1 && threads <= 4096 && threads == floor(threads)))
    return wn_fail(err, WN_ERR_USER, "--threads: expected a whole number from 1 to 4096, got \"%.60s\"",
                   wn_args_value(args, "threads"));
  def->n_thread = (int)threads;
  // (a sweep's --n is points)
  return args->command == &wn_command_sweep ? WN_OK : read_people(args, def, err);
}

// append a word as a shell would need it; control characters would break the line it becomes
static void append_word(char *line, size_t size, const char *word) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,+%";
  bool quote = word[strspn(word, plain)] != '\0';
  size_t at = strlen(line);
  at += (size_t)snprintf(line + at, size - at, " %s%s%s", quote ? "\"" : "", word, quote ? "\"" : "");
  for (char *c = line; *c; c++)
    if ((unsigned char)*c < ' ') *c = ' ';
}

char *wn_request_line(const wn_args *args) {
  static const char *const decide[] = {
      "set",  "hypothesis", "dose",      "until",  "every",       "solver", "rtol",        "atol", "n", "seed",
      "vary", "draw",       "correlate", "sample", "individuals", "keep",   "sensitivity", "with", NULL};
  size_t size = 64 + strlen(args->operand);
  for (int i = 0; i < args->n; i++)
    size += strlen(args->given[i].flag->name) + 8 + (args->given[i].value ? strlen(args->given[i].value) : 0);
  char *line = wn_alloc(size);
  if (!line) return NULL;
  snprintf(line, size, "wane %s", args->command->name);
  append_word(line, size, args->operand);
  for (int i = 0; i < args->n; i++)
    for (int k = 0; decide[k]; k++) {
      if (strcmp(args->given[i].flag->name, decide[k]) != 0) continue;
      size_t at = strlen(line);
      snprintf(line + at, size - at, " --%s", decide[k]);
      append_word(line, size, args->given[i].value);
    }
  return line;
}

wn_status wn_app_check_place(const char *path, wn_error *err) {
  char directory[4096];
  const char *slash = strrchr(path, '/');
  int length = slash ? (slash == path ? 1 : (int)(slash - path)) : 1;
  if (length >= (int)sizeof directory) return wn_fail(err, WN_ERR_IO, "%.80s...: cannot write: name too long", path);
  snprintf(directory, sizeof directory, "%.*s", length, slash ? path : ".");
  struct stat info;
  int reason = stat(directory, &info) != 0 ? errno : S_ISDIR(info.st_mode) ? 0 : ENOTDIR;
  if (!reason && access(path, F_OK) != 0 && access(directory, W_OK | X_OK) != 0) reason = errno;
  return reason ? wn_fail(err, WN_ERR_IO, "%s: cannot write: %s", path, strerror(reason)) : WN_OK;
}

wn_status wn_app_plan(const wn_args *args, const wn_request *request, wn_study **study, wn_error *err) {
  WN_TRY(wn_study_open(NULL, args->operand, study, err));
  wn_status status = wn_study_plan(*study, &request->def, err);
  // (the individuals of a data set are drawn where there is a seed)
  bool is_drawn =
      !status && (request->def.n > 1 || wn_args_has(args, "data") || wn_scenario_has_habits((*study)->scenario));
  if (!status && wn_args_has(args, "seed") && !is_drawn)
    status =
        wn_fail(err, WN_ERR_USER, "%s: --seed: the typical individual is not drawn; add --n N", args->command->name);
  if (!status) return WN_OK;
  wn_study_close(*study);
  *study = NULL;
  return status;
}

wn_status wn_app_check_doses(const wn_args *args, const wn_study *study, wn_error *err) {
  char words[320];
  if (wn_study_is_scenario(study)) return WN_OK;
  WN_TRY(wn_study_check_doses(study->scenario, study->scenario->arm[0].param, words, err));
  if (*words && !wn_args_has(args, "quiet")) wn_app_say("%s", words);
  return WN_OK;
}
