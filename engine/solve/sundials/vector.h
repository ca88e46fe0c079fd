// vector.h - SUNDIALS' serial vector, its numbers aligned as lanes are, and a context whose messages are kept instead
// of printed. Private to the room.
#ifndef WN_SOLVE_SUNDIALS_VECTOR_H
#define WN_SOLVE_SUNDIALS_VECTOR_H

#include <nvector/nvector_serial.h>
#include <stdbool.h>

// SUNDIALS' last message, on one line.
typedef struct wn_message {
  char text[256];
} wn_message;

// False when out of memory. Nothing SUNDIALS says reaches standard output or standard error; `message` gets it. Free
// with SUNContext_Free.
bool wn_context_create(SUNContext *context, wn_message *message);

// The handler that solvers before SUNDIALS 7 are given (CVErrHandlerFn, ARKErrHandlerFn); data is the wn_message.
void wn_message_keep(int code, const char *module, const char *function, char *text, void *data);

// What the norm of numbers that are not all finite is.
#define WN_NORM_HUGE 1e100

// A zeroed vector of n numbers, aligned to 64 bytes, and so are its clones; or NULL when out of memory. Its norm is
// huge where a number is not finite: steps then shrink, while comparisons with a norm that is no number would go either
// way. Destroy with N_VDestroy.
N_Vector wn_vector_create(int n, SUNContext context);

static inline double *wn_vector_data(N_Vector vector) { return NV_DATA_S(vector); }

#endif
