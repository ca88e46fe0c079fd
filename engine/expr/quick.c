// quick.c - quick code from request to pages that can be run. Invariant: no page is ever writable and executable at
// once.

#include "expr/quick.h"
#include "expr/quick_tape.h"

#include <assert.h>
#include <string.h>
#include <sys/mman.h>

// What wn_native_code.owner points at.
typedef struct pages {
  void *start;
  size_t size;
} pages;

// Where functions start in the code; -1: not made.
typedef struct starts {
  int eval[WN_NATIVE_MAX_PROGRAM], factor, solve;
} starts;

static bool write_all(const wn_native_request *request, wn_quick_tape *tape, wn_quick_bytes *bytes, starts *at) {
  for (int i = 0; i < request->n_program; i++) {
    at->eval[i] = wn_quick_program(request, request->program[i], tape, bytes);
    if (at->eval[i] < 0) return false;
  }
  if (!request->lu) return true;
  at->factor = wn_quick_factor(request, tape, bytes);
  at->solve = wn_quick_solve(request, tape, bytes);
  return at->factor >= 0 && at->solve >= 0;
}

// the bytes where they can be run
static pages *hold(const wn_quick_bytes *bytes) {
  pages *own = wn_alloc(sizeof *own);
  if (!own) return NULL;
  own->size = (size_t)bytes->n;
  own->start = mmap(NULL, own->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (own->start != MAP_FAILED) {
    memcpy(own->start, bytes->data, own->size);
    // some systems refuse this
    if (mprotect(own->start, own->size, PROT_READ | PROT_EXEC) == 0) return own;
    munmap(own->start, own->size);
  }
  wn_free(own);
  return NULL;
}

static int publish(const wn_native_request *request, const wn_quick_bytes *bytes, const starts *at,
                   wn_native_code *code) {
  pages *own = hold(bytes);
  if (!own) return 1;
  uintptr_t start = (uintptr_t)own->start;
  code->owner = own;
  for (int i = 0; i < request->n_program; i++) code->eval[i] = (wn_native_eval *)(start + (uintptr_t)at->eval[i]);
  if (!request->lu) return 0;
  code->factor = (wn_native_factor *)(start + (uintptr_t)at->factor);
  code->solve = (wn_native_solve *)(start + (uintptr_t)at->solve);
  return 0;
}

int wn_quick_compile(const wn_native_request *request, wn_native_code *code) {
  *code = (wn_native_code){0};
#ifdef __x86_64__
  assert(request->narrow->vector == 4);
  wn_quick_tape tape = {0};
  wn_quick_bytes bytes = {.vector = wn_quick_vector_of(request)};
  starts at = {0};
  int status = 1;
  if (write_all(request, &tape, &bytes, &at) && bytes.n) status = publish(request, &bytes, &at, code);
  wn_quick_tape_free(&tape);
  WN_ARRAY_FREE(&bytes);
  return status;
#else
  (void)request, (void)publish, (void)write_all;
  return 1;
#endif
}

void wn_quick_release(wn_native_code *code) {
  pages *own = code->owner;
  if (!own) return;
  munmap(own->start, own->size);
  wn_free(own);
  *code = (wn_native_code){0};
}
