// sweep_csv.c - see sweep_csv.h. Invariant: text depends on the manifest and the shard only. It must not know files.

#include "sweep_csv.h"

#include "base/text.h"
#include "io/csv.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const double quantiles[] = {0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975};
enum { N_QUANTILE = sizeof quantiles / sizeof *quantiles };

const double *wn_sweep_quantiles(int *n) {
  *n = N_QUANTILE;
  return quantiles;
}

// -- heads ----------------------------------------------------------------------------------------------------------

static void add_comments(const wn_manifest *m, wn_buffer *text) {
  for (int i = 0; i < m->n_head; i++) wn_buffer_printf(text, "# %s\n", m->head[i]);
}

static void add_units(const char *before, const wn_sweep_field *field, int n, wn_buffer *text) {
  if (n == 0) return;
  wn_buffer_printf(text, "# %s:", before);
  for (int i = 0; i < n; i++)
    wn_buffer_printf(text, " %s %s%s", field[i].name, *field[i].unit ? field[i].unit : "1", i + 1 < n ? "," : "\n");
}

static void add_names(const wn_sweep_field *field, int n, wn_buffer *text) {
  for (int i = 0; i < n; i++) {
    wn_buffer_char(text, ',');
    wn_csv_text(text, field[i].name);
  }
}

void wn_sweep_csv_head(const wn_manifest *m, wn_buffer *text) {
  const wn_sweep_table *t = m->table;
  add_comments(m, text);
  add_units("inputs", t->input, t->n_input, text);
  add_units("metrics", t->column, t->n_column, text);
  wn_buffer_add(
      text,
      "# metrics are of the last whole dosing day; window_start and window_end in h since it began, their clock in "
      "h since midnight\npoint,arm,subject");
  add_names(t->input, t->n_input, text);
  add_names(t->column, t->n_column, text);
  wn_buffer_add(text, ",status\n");
}

void wn_sweep_csv_curves_head(const wn_manifest *m, wn_buffer *text) {
  add_comments(m, text);
  add_units("units", m->table->curve, m->table->n_curve, text);
  wn_buffer_add(text, "point,arm,subject,time,clock");
  add_names(m->table->curve, m->table->n_curve, text);
  wn_buffer_char(text, '\n');
}

void wn_sweep_csv_quantiles_head(const wn_manifest *m, wn_buffer *text) {
  add_comments(m, text);
  add_units("units", m->table->curve, m->table->n_curve, text);
  wn_buffer_printf(
      text,
      "# quantiles over all points and individuals, each within %.2g %% of the number of that rank; sizes below "
      "%.1e count as 0\narm,time,clock,output,n",
      100 * WN_SKETCH_ERROR, WN_SKETCH_FLOOR);
  for (int i = 0; i < N_QUANTILE; i++) wn_buffer_printf(text, ",q%g", 100 * quantiles[i]);
  wn_buffer_char(text, '\n');
}

// -- rows -----------------------------------------------------------------------------------------------------------

// "12,low,3": the point and the individual of a row's case
static void add_keys(const wn_manifest *m, const wn_shard *shard, int row, wn_buffer *text) {
  const wn_sweep_table *t = m->table;
  int64_t at = shard->first_case + row / t->n_arm, cases = wn_sweep_table_cases(t);
  wn_buffer_int(text, at / cases + 1);
  wn_buffer_char(text, ',');
  wn_csv_text(text, t->arm[row % t->n_arm]);
  wn_buffer_char(text, ',');
  wn_buffer_int(text, at % cases + 1);
}

// what stands before the metrics of a case is the same for its arms but for the arm
static void add_inputs(const wn_sweep_table *t, const wn_shard *shard, int row, wn_buffer *text) {
  wn_csv_numbers(text, shard->input + (size_t)(row / t->n_arm) * (size_t)t->n_input, t->n_input, 1);
}

void wn_sweep_csv_rows(const wn_manifest *m, const wn_shard *shard, wn_buffer *text) {
  const wn_sweep_table *t = m->table;
  for (int row = 0; row < shard->n_row && !text->failed; row++) {
    const double *value = shard->value + (size_t)row * (size_t)t->n_column;
    add_keys(m, shard, row, text);
    add_inputs(t, shard, row, text);
    wn_csv_numbers(text, value, t->n_column, 1);
    wn_buffer_char(text, ',');
    wn_csv_text(text, shard->status[row] ? shard->status[row] : "ok");
    wn_buffer_char(text, '\n');
  }
}

void wn_sweep_csv_curves(const wn_manifest *m, const wn_shard *shard, wn_buffer *text) {
  const wn_sweep_table *t = m->table;
  for (int row = 0; row < shard->n_row; row++) {
    const double *curve = shard->curve + (size_t)row * (size_t)wn_sweep_table_curves(t);
    for (int k = 0; k < t->n_time && !text->failed; k++) {
      double time = wn_sweep_table_time(t, k);
      char clock[6];
      wn_format_clock(time, clock);
      add_keys(m, shard, row, text);
      wn_buffer_char(text, ',');
      wn_csv_number(text, time);
      wn_buffer_char(text, ',');
      wn_buffer_add(text, clock);
      wn_csv_numbers(text, curve + k, t->n_curve, (size_t)t->n_time);
      wn_buffer_char(text, '\n');
    }
  }
}

void wn_sweep_csv_quantiles(const wn_manifest *m, const wn_sketch *sketch, wn_buffer *text) {
  const wn_sweep_table *t = m->table;
  for (int a = 0; a < t->n_arm; a++)
    for (int k = 0; k < t->n_time; k++)
      for (int c = 0; c < t->n_curve && !text->failed; c++) {
        const wn_sketch_cell *cell = &sketch->cell[((int64_t)a * t->n_curve + c) * t->n_time + k];
        char clock[6];
        wn_format_clock(wn_sweep_table_time(t, k), clock);
        wn_csv_text(text, t->arm[a]);
        wn_buffer_char(text, ',');
        wn_csv_number(text, wn_sweep_table_time(t, k));
        wn_buffer_printf(text, ",%s,%s,%llu", clock, t->curve[c].name, (unsigned long long)cell->total);
        for (int q = 0; q < N_QUANTILE; q++) {
          wn_buffer_char(text, ',');
          double value = wn_sketch_quantile(cell, quantiles[q]);
          if (isfinite(value)) wn_buffer_printf(text, "%.5g", value);
        }
        wn_buffer_char(text, '\n');
      }
}
