// measure.c - see measure.h. A pass is long enough to be timed, short enough to be repeated; the fastest of several is
// the one that was disturbed least. Invariant: memory for results is there and touched before a clock starts.
#include "measure.h"
#include "base/memory.h"
#include "solve/solver.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MAX_REPEAT = 101, MAX_DOUBLES = 32 * 1024 * 1024 };

static double seconds_of(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double wn_bench_cpu(void) { return seconds_of(CLOCK_PROCESS_CPUTIME_ID); }

double wn_bench_clock(void) { return seconds_of(CLOCK_MONOTONIC); }

wn_status wn_bench_run(const wn_bench_method *method, wn_bench_job *job, wn_error *err) {
  switch (method->kind) {
  case WN_BENCH_LANES: return wn_bench_lanes(method->solver, job, err);
  case WN_BENCH_SIMULATE: return wn_bench_simulate(method->solver, job, err);
  default: return method->by_hand(job, err);
  }
}

static wn_bench_job job_of(const wn_bench_result *r, int n_subject, double *block) {
  return (wn_bench_job){.c = r->setup->c,
                        .model = r->setup->model,
                        .param = r->setup->param,
                        .n_subject = n_subject,
                        .width = r->width,
                        .n_thread = r->n_thread,
                        .rtol = r->rtol,
                        .atol = r->atol,
                        .block = block};
}

static int compare_doubles(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

// wn_simulate copies its result out subject by subject, and only when errors are asked for
int wn_bench_block_width(const wn_bench_method *method, int width) {
  return method->kind == WN_BENCH_LANES && !wn_bench_has_seats(method->solver) ? width : 1;
}

static int block_width(const wn_bench_result *r) { return wn_bench_block_width(r->method, r->width); }

bool wn_bench_is_spoilt(const wn_bench_settings *settings, const char *name) {
  return settings->spoil && strstr(name, settings->spoil);
}

static wn_status measure_error(const wn_bench_settings *settings, wn_bench_result *r, wn_error *err) {
  const wn_bench_case *c = r->setup->c;
  const int n = r->setup->n_checked;
  double *block = wn_alloc_doubles(wn_bench_size(c, n, block_width(r)));
  if (!block) return wn_fail_memory(err);
  wn_bench_job job = job_of(r, n, block);
  const wn_status status = wn_bench_run(r->method, &job, err);
  if (!status && wn_bench_is_spoilt(settings, r->method->name))
    block[(size_t)(c->n_time / 2 * c->n_state * block_width(r))] += 1;
  if (!status) {
    r->error = wn_bench_error(c, n, block, block_width(r), r->setup->reference, &r->worst_state, &r->worst_time);
    r->is_right = r->error <= c->slack * fmax(r->rtol, r->atol) + 1e-9;
  }
  wn_free(block);
  return status;
}

// what became of the lanes' steps
static void count_lanes(wn_bench_result *r, const wn_bench_cost *cost, int n) {
  const double all = (double)(cost->n_taken + cost->n_refused + cost->n_stood);
  const double tried = (double)(cost->n_taken + cost->n_refused);
  r->taken = r->refused = r->stood = r->slowest = NAN;
  if (!(all > 0)) return;
  r->taken = (double)cost->n_taken / all, r->refused = (double)cost->n_refused / all;
  r->stood = (double)cost->n_stood / all;
  r->slowest = (double)cost->n_slowest / (tried / n);
}

static wn_status one_pass(wn_bench_result *r, int n, double *block, double *seconds, wn_error *err) {
  wn_bench_job job = job_of(r, n, r->method->kind == WN_BENCH_SIMULATE ? NULL : block);
  const double start = r->n_thread > 1 ? wn_bench_clock() : wn_bench_cpu();
  WN_TRY(wn_bench_run(r->method, &job, err));
  *seconds = (r->n_thread > 1 ? wn_bench_clock() : wn_bench_cpu()) - start;
  // counts are the same in every pass
  const double per = r->method->kind == WN_BENCH_BY_HAND ? n : ceil((double)n / r->width);
  r->step = (double)job.cost.n_step / per, r->rhs = (double)job.cost.n_rhs / per;
  r->jacobian = (double)job.cost.n_jacobian / per, r->factor = (double)job.cost.n_factor / per;
  r->fail = (double)job.cost.n_fail / per;
  r->chosen = job.chosen;
  count_lanes(r, &job.cost, n);
  return WN_OK;
}

// how many subjects take about as long as asked for: whole batches for every thread, as memory allows
static wn_status calibrate(const wn_bench_settings *settings, wn_bench_result *r, double *block, int most, int *n,
                           wn_error *err) {
  const int by_hand = r->width > 1 ? r->width : settings->is_quick ? 2 : 8;
  const int unit = r->method->kind == WN_BENCH_BY_HAND ? by_hand : r->width * r->n_thread;
  double seconds = 0;
  *n = unit;
  for (;;) {
    WN_TRY(one_pass(r, *n, block, &seconds, err));
    if (seconds > 0.02 || *n * 4 > most) break;
    *n *= 4;
  }
  const double units = settings->seconds * *n / (seconds * unit);
  *n = unit * (int)fmax(1, fmin(units, most / unit));
  return WN_OK;
}

static wn_status time_passes(const wn_bench_settings *settings, wn_bench_result *r, double *block, int most,
                             wn_error *err) {
  double seconds[MAX_REPEAT];
  const int repeat = settings->repeat < MAX_REPEAT ? settings->repeat : MAX_REPEAT;
  WN_TRY(calibrate(settings, r, block, most, &r->n_subject, err));
  // touches the memory
  WN_TRY(one_pass(r, r->n_subject, block, seconds, err));
  for (int i = 0; i < repeat; i++) WN_TRY(one_pass(r, r->n_subject, block, &seconds[i], err));
  qsort(seconds, (size_t)repeat, sizeof *seconds, compare_doubles);
  r->best = r->n_subject / seconds[0];
  r->median = r->n_subject / seconds[repeat / 2];
  return WN_OK;
}

// the subjects whose results there is room for: memory is touched before it is used, and short passes need little
static int most_subjects(const wn_bench_settings *settings, const wn_bench_result *r) {
  const size_t room = r->width * r->n_thread > 64 || !settings->is_quick ? MAX_DOUBLES : MAX_DOUBLES / 16;
  const size_t most = room / wn_bench_size(r->setup->c, 1, 1);
  return most > WN_BENCH_N_SUBJECT ? WN_BENCH_N_SUBJECT : (int)most;
}

wn_status wn_bench_measure(const wn_bench_settings *settings, wn_bench_result *result, wn_error *err) {
  WN_TRY(measure_error(settings, result, err));
  const int most = most_subjects(settings, result);
  double *block = wn_alloc_doubles(wn_bench_size(result->setup->c, most + 64, 1));
  if (!block) return wn_fail_memory(err);
  const wn_status status = time_passes(settings, result, block, most, err);
  wn_free(block);
  return status;
}

wn_status wn_bench_measure_beside(const wn_bench_settings *settings, const wn_bench_result *row,
                                  const wn_bench_result *other, double *ratio, wn_error *err) {
  wn_bench_result a = *row, b = *other;
  const int n = b.n_subject;
  double fastest[2] = {HUGE_VAL, HUGE_VAL}, seconds;
  double *block = wn_alloc_doubles(wn_bench_size(b.setup->c, n + 64, 1));
  wn_status status = block ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i <= settings->repeat && !status; i++) {
    status = one_pass(&b, n, block, &seconds, err);
    // the first touches the memory
    if (i > 0) fastest[1] = fmin(fastest[1], seconds);
    if (!status) status = one_pass(&a, n, block, &seconds, err);
    if (i > 0) fastest[0] = fmin(fastest[0], seconds);
  }
  wn_free(block);
  *ratio = fastest[1] / fastest[0];
  return status;
}
