// sweep_plot_indices.c - Sobol' and Morris' indices of one metric of a finished sweep, of every arm, as a picture.
// Invariant: the indices are those of the file of indices, without their intervals' tables. It must not know how
// pictures are drawn.

#include "sweep_plot.h"

#include "sweep_indices.h"

#include <stdio.h>
#include <string.h>

enum { N_LIST = 6 };

// an arm's index[] as lists by input: first or mu, low, high; total or mu_star, low, high; sigma in the first list for
// Morris
static void sort_indices(const wn_index *index, int n, size_t from, double *const list[N_LIST]) {
  for (int i = 0; i < n; i++) {
    const wn_index *k = &index[i];
    bool second = strcmp(k->name, "total") == 0 || strcmp(k->name, "mu_star") == 0;
    if (strcmp(k->name, "mu") == 0) continue;
    int at = second ? 3 : 0;
    size_t to = from + (size_t)k->input;
    list[at][to] = k->value, list[at + 1][to] = k->low, list[at + 2][to] = k->high;
  }
}

// an arm's column by point -> index[]
static wn_status compute(const wn_manifest *m, const wn_plot_columns *all, int arm, wn_index *index, wn_error *err) {
  wn_indices_def def = wn_sweep_indices_of(m);
  int64_t n_lost, n_point = wn_indices_n_point(&def);
  double *result = wn_alloc(((size_t)n_point + 1) * sizeof *result);
  if (!result) return wn_fail_memory(err);
  // of several individuals the mean, as in the table of indices
  int64_t cases = wn_sweep_table_cases(m->table), n_arm = m->table->n_arm;
  for (int64_t k = 0; k < n_point; k++)
    for (int64_t p = 0; p < cases; p++) result[k] += all->shown[0][(k * cases + p) * n_arm + arm] / (double)cases;
  wn_status status = wn_indices_compute(&def, result, index, &n_lost, err);
  wn_free(result);
  return status;
}

// input: names [n_input], then what they mean [n_input]
static wn_status write(const wn_manifest *m, const wn_plot_choice *c, double *const list[N_LIST],
                       const char *const *input, const char *path, wn_error *err) {
  const wn_sweep_table *t = m->table;
  char source[64], name[96];
  const wn_plot_words words = wn_sweep_plot_words(m, source);
  const wn_plot_axis metric = wn_sweep_metric_axis(&t->column[c->shown[0]], name);
  if (wn_sweep_indices_of(m).kind == WN_SENSITIVITY_MORRIS) {
    const wn_plot_morris plot = {words, metric, t->n_input, t->n_arm, input, t->arm, list[3], list[0]};
    return wn_plot_morris_write(&plot, path, err);
  }
  const char *const *note = input + t->n_input;
  const wn_plot_indices plot = {words,   name,    t->n_input, t->n_arm, input,   note,   t->arm,
                                list[0], list[1], list[2],    list[3],  list[4], list[5]};
  return wn_plot_indices_write(&plot, path, err);
}

wn_status wn_sweep_plot_indices(const wn_manifest *m, const wn_plot_choice *c, const wn_plot_columns *all,
                                const char *path, wn_error *err) {
  wn_indices_def def = wn_sweep_indices_of(m);
  wn_arena *arena = wn_arena_create();
  if (!arena) return wn_fail_memory(err);
  size_t n_input = (size_t)m->table->n_input, size = n_input * (size_t)m->table->n_arm + 1;
  int n = wn_indices_n(&def);
  double *list[N_LIST];
  bool ok = true;
  for (int i = 0; i < N_LIST; i++) ok &= (list[i] = wn_arena_alloc(arena, size * sizeof **list)) != NULL;
  const char **input = wn_arena_alloc(arena, (2 * n_input + 1) * sizeof *input);
  wn_index *index = wn_arena_alloc(arena, ((size_t)n + 1) * sizeof *index);
  wn_status status = ok && input && index ? WN_OK : wn_fail_memory(err);
  for (int arm = 0; arm < m->table->n_arm && !status; arm++) {
    status = compute(m, all, arm, index, err);
    if (!status) sort_indices(index, n, (size_t)arm * n_input, list);
  }
  if (!status) {
    for (size_t i = 0; i < n_input; i++)
      input[i] = m->table->input[i].name, input[n_input + i] = m->table->input[i].meaning;
    status = write(m, c, list, input, path, err);
  }
  wn_arena_destroy(arena);
  return status;
}
