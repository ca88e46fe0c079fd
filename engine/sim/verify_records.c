// verify_records.c - see verify_records.h. Invariant: the sample depends on the seed and on the file alone, not on how
// it is cut into parts. It must not know how anybody is advanced.

#include "sim/verify_records.h"

#include <math.h>
#include <stdio.h>

typedef struct job {
  const wn_records_def *run;
  const wn_records_result *result;
  const int *chosen;  // [n] individuals
} job;

// What was predicted of an individual's outputs, against what CVODE says. They disagree where a state does: it is for
// states that tolerances are promised.
static void compare(const job *j, int individual, const wn_records_result *other, wn_verification *v) {
  const wn_dataset *data = j->run->data;
  const wn_model *m = data->model;
  const int first = data->first[individual], n = data->first[individual + 1] - first;
  const size_t n_column = (size_t)j->result->n_column;
  for (int k = 0; k < m->n_state + m->n_output; k++) {
    const double *value = j->result->value + (size_t)first * n_column + k;
    const double *by_other = other->value + k;
    double peak = 0;
    for (int i = 0; i < n; i++) peak = fmax(peak, fabs(value[(size_t)i * n_column]));
    for (int i = 0; i < n; i++) {
      double apart;
      const double one = value[(size_t)i * n_column], size = fmax(fabs(one), 1e-3 * peak);
      const bool is_beyond = wn_verify_compare(one, by_other[(size_t)i * n_column], size, j->run->solver.rtol,
                                               j->run->solver.atol, &apart);
      // (3 times the 10 rtol of their peaks that methods promise)
      const double promised = 30 * (j->run->solver.rtol * peak + j->run->solver.atol);
      if (k < m->n_state) v->n_beyond |= is_beyond && !(fabs(one - by_other[(size_t)i * n_column]) <= promised);
      if (k < m->n_state || !(apart > v->worst)) continue;
      v->worst = apart, v->time = data->record[first + i].time;
      snprintf(v->output, sizeof v->output, "%s", m->output[k - m->n_state].name);
    }
  }
}

static wn_status check(void *context, int worker, int at, wn_verification *v, wn_error *err) {
  (void)worker;
  const job *j = context;
  const int individual = j->chosen[at];
  // the individual alone, as a data set of its own; what is looked up by row begins at its first
  wn_dataset one = *j->run->data;
  const int first = one.first[individual], border[2] = {0, one.first[individual + 1] - first};
  wn_records_def def = *j->run;
  wn_records_result other;
  *v = (wn_verification){.n_all = 1, .n_checked = 1, .index = one.first_subject + individual};
  snprintf(v->name, sizeof v->name, "ID %.50s", one.id[individual]);
  if (j->result->individual[individual].status) {
    v->n_checked = 0, v->n_lost = 1;
    return WN_OK;
  }
  one.n_row = border[1], one.n_subject = 1, one.first_subject += individual;
  one.first = (int *)border, one.record += first, one.line += first, one.id += individual;
  if (one.covariate) one.covariate += first * one.model->n_covariate;
  if (one.occasion) one.occasion += first;
  one.field += first, one.length += first;
  def.data = &one, def.n_thread = 1, def.whole = true;
  def.solver = wn_verify_solver(&j->run->solver);
  WN_TRY(wn_records_run(&def, &other, err));
  v->n_lost = other.individual[0].status != WN_OK;
  compare(j, individual, &other, v);
  wn_records_result_free(&other);
  return WN_OK;
}

wn_status wn_verify_records(const wn_records_def *run, const wn_records_result *result, const wn_verify_def *def,
                            wn_verification *all, wn_error *err) {
  if (def->share <= 0 || run->data->model->n_output == 0) return WN_OK;
  int *chosen = wn_alloc(((size_t)result->n_individual + 1) * sizeof *chosen), n = 0;
  if (!chosen) return wn_fail_memory(err);
  for (int i = 0; i < result->n_individual; i++)
    if (wn_verify_takes(run->seed, run->data->first_subject + i, def->share)) chosen[n++] = i;
  job j = {.run = run, .result = result, .chosen = chosen};
  const int64_t n_all = all->n_all + result->n_individual;
  const wn_status status = n ? wn_verify_each(n, def->n_thread, check, &j, all, err) : WN_OK;
  all->n_all = n_all;
  wn_free(chosen);
  return status;
}
