// error.h - how a failure travels: a status as return value, the words in a caller-owned wn_error.
//
// Three kinds of failure, three channels. The user's mistake: WN_ERR_USER with one clear line. A simulation's:
// a status per series in the result (sim/result.h), the others go on. The programmer's: assert().
// Nothing in engine/ outside app/ prints, exits or aborts.
#ifndef WN_BASE_ERROR_H
#define WN_BASE_ERROR_H

// What became of a call. Everything but WN_OK leaves words in the wn_error.
typedef enum wn_status {
  WN_OK = 0,
  WN_ERR_USER,       // the user's mistake (exit status 2)
  WN_ERR_RUN,        // a simulation failed: solver, tolerance, not finite (exit status 1)
  WN_ERR_IO,         // a file could not be read or written (exit status 1)
  WN_ERR_MEMORY,     // out of memory (exit status 1)
  WN_ERR_INTERRUPT,  // Ctrl-C (exit status 130)
} wn_status;

// One failure in words: a single line without newline, as shown to the user.
// Form: "where: what: expected E, got G; try T", e.g. "naltrexone.lua:14: lag of GUT: expected time, got 1/h".
typedef struct wn_error {
  wn_status status;
  char message[1024];
} wn_error;

// Fill `err` (may be NULL) with the formatted line and return `status`. A message too long is cut with "...".
wn_status wn_fail(wn_error *err, wn_status status, const char *format, ...) __attribute__((format(printf, 3, 4)));

// Put "prefix: " before the message already in `err`; returns err->status.
wn_status wn_fail_prefix(wn_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Return WN_ERR_MEMORY with its line.
wn_status wn_fail_memory(wn_error *err);

// Propagate: `WN_TRY(call(..., err));` returns the status of a failing call.
#define WN_TRY(call)                         \
  do {                                       \
    wn_status wn_try_status = (call);        \
    if (wn_try_status) return wn_try_status; \
  } while (0)

#endif
