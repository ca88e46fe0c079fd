// vector.c - see vector.h. Must not know what is integrated.
#include "solve/sundials/vector.h"
#include "solve/sundials/versions.h"
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void keep(wn_message *message, const char *text) {
  snprintf(message->text, sizeof message->text, "%s", text);
  for (char *at = message->text; *at; at++)
    if (*at == '\n') *at = ' ';
}

void wn_message_keep(int code, const char *module, const char *function, char *text, void *data) {
  (void)code, (void)module, (void)function;
  keep(data, text);
}

#if SUNDIALS_VERSION_MAJOR >= 7
static void handle(int line, const char *function, const char *file, const char *text, SUNErrCode code, void *data,
                   SUNContext context) {
  (void)line, (void)function, (void)file, (void)code, (void)context;
  keep(data, text);
}
#endif

bool wn_context_create(SUNContext *context, wn_message *message) {
  if (SUNContext_Create(SUN_COMM_NULL, context)) return false;
#if SUNDIALS_VERSION_MAJOR >= 7
  // without a logger warnings go nowhere; by default they go to standard output
  return !SUNContext_SetLogger(*context, NULL) && !SUNContext_ClearErrHandlers(*context) &&
         !SUNContext_PushErrHandler(*context, handle, message);
#else
  (void)message;
  return true;
#endif
}

static double norm(N_Vector x, N_Vector weight) {
  const sunindextype n = NV_LENGTH_S(x);
  const double *value = NV_DATA_S(x), *w = NV_DATA_S(weight);
  double sum = 0;
  for (sunindextype i = 0; i < n; i++) sum += value[i] * w[i] * (value[i] * w[i]);
  return sum < WN_NORM_HUGE * WN_NORM_HUGE ? sqrt(sum / (double)n) : WN_NORM_HUGE;
}

// memory of its own for a vector that has none; N_VDestroy frees it
static N_Vector give_memory(N_Vector v) {
  if (!v) return NULL;
  const size_t size = ((size_t)NV_LENGTH_S(v) * sizeof(double) + 63) / 64 * 64;
  double *data = aligned_alloc(64, size);
  if (!data) {
    N_VDestroy(v);
    return NULL;
  }
  memset(data, 0, size);
  NV_DATA_S(v) = data;
  NV_OWN_DATA_S(v) = SUNTRUE;
  return v;
}

static N_Vector clone(N_Vector v) { return give_memory(N_VCloneEmpty_Serial(v)); }

N_Vector wn_vector_create(int n, SUNContext context) {
  N_Vector v = give_memory(N_VNewEmpty_Serial(n, context));
  if (!v) return NULL;
  v->ops->nvclone = clone;
  v->ops->nvwrmsnorm = norm;
  return v;
}
