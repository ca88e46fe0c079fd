// error.c - the words of a failure. Invariant: the message is always a single, terminated line.

#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// keep the message one line, and mark a cut
static void tidy(wn_error *err, int length) {
  if (length >= (int)sizeof err->message) memcpy(err->message + sizeof err->message - 4, "...", 4);
  for (char *c = err->message; *c; c++)
    if (*c == '\n' || *c == '\r' || *c == '\t') *c = ' ';
}

wn_status wn_fail(wn_error *err, wn_status status, const char *format, ...) {
  if (!err) return status;
  err->status = status;
  va_list args;
  va_start(args, format);
  int length = vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  tidy(err, length);
  return status;
}

wn_status wn_fail_prefix(wn_error *err, const char *format, ...) {
  if (!err) return WN_ERR_RUN;
  char old[sizeof err->message];
  memcpy(old, err->message, sizeof old);
  va_list args;
  va_start(args, format);
  int length = vsnprintf(err->message, sizeof err->message, format, args);
  va_end(args);
  if (length < (int)sizeof err->message) {
    size_t room = sizeof err->message - (size_t)length;
    length += snprintf(err->message + length, room, ": %s", old);
  }
  tidy(err, length);
  return err->status;
}

wn_status wn_fail_memory(wn_error *err) { return wn_fail(err, WN_ERR_MEMORY, "out of memory"); }
