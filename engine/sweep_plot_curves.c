// sweep_plot_curves.c - the curves of a sweep that kept their quantiles, as a picture. Invariant: what is drawn is what
// the file of quantiles holds. It must not know how pictures are drawn.

#include "sweep_plot.h"

#include "sweep_csv.h"

enum { N_DRAWN = 5 };
static const double drawn[N_DRAWN] = {0.05, 0.25, 0.5, 0.75, 0.95};

// the quantiles of the curves shown -> slab [N_DRAWN][n_arm][n_shown][n_time]
static void fill(const wn_sweep_table *t, const wn_plot_choice *c, const wn_sketch *sketch, double *slab) {
  for (int q = 0; q < N_DRAWN; q++)
    for (int arm = 0; arm < t->n_arm; arm++)
      for (int i = 0; i < c->n_shown; i++)
        for (int k = 0; k < t->n_time; k++) {
          int64_t cell = ((int64_t)arm * t->n_curve + c->shown[i]) * t->n_time + k;
          *slab++ = wn_sketch_quantile(&sketch->cell[cell], drawn[q]);
        }
}

static wn_status write(const wn_manifest *m, const wn_plot_choice *c, const double *time, const double *slab,
                       const char *path, wn_error *err) {
  const wn_sweep_table *t = m->table;
  char source[64];
  wn_plot_axis output[WN_MAX_SHOWN];
  for (int i = 0; i < c->n_shown; i++) {
    const wn_sweep_field *f = &t->curve[c->shown[i]];
    output[i] = (wn_plot_axis){f->name, f->unit, WN_SCALE_LINEAR, f->meaning};
  }
  wn_plot_quantiles plot = {.words = wn_sweep_plot_words(m, source),
                            .n_time = t->n_time,
                            .n_arm = t->n_arm,
                            .n_output = c->n_shown,
                            .arm_label = t->arm,
                            .time = time,
                            .output = output};
  size_t each = (size_t)t->n_arm * (size_t)c->n_shown * (size_t)t->n_time;
  for (int q = 0; q < N_DRAWN; q++) plot.quantile[q] = slab + (size_t)q * each;
  return wn_plot_quantiles_write(&plot, path, err);
}

wn_status wn_sweep_plot_curves(const wn_shards *shards, const wn_plot_choice *c, const char *path, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  const wn_sweep_table *t = m->table;
  size_t n_time = (size_t)t->n_time;
  wn_sketch sketch;
  WN_TRY(wn_sketch_init(&sketch, t->n_arm * wn_sweep_table_curves(t), err));
  double *time = wn_alloc_doubles(n_time * (1 + (size_t)N_DRAWN * (size_t)t->n_arm * (size_t)c->n_shown));
  wn_status status = time ? wn_sweep_counts(shards, &sketch, err) : wn_fail_memory(err);
  if (!status) {
    for (int k = 0; k < t->n_time; k++) time[k] = wn_sweep_table_time(t, k);
    fill(t, c, &sketch, time + n_time);
    status = write(m, c, time, time + n_time, path, err);
  }
  wn_free(time);
  wn_sketch_free(&sketch);
  return status;
}
