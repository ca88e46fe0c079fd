// sweep_csv.c - see sweep_csv.h. Invariant: text depends on the manifest and the shard only. It must not know files.

#include "sweep_csv.h"

#include "base/number.h"
#include "base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const double quantiles[] = {0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975};
enum { N_QUANTILE = sizeof quantiles / sizeof *quantiles };

const double *wn_sweep_quantiles(int *n) {
  *n = N_QUANTILE;
  return quantiles;
}

// -- text that grows ------------------------------------------------------------------------------------------------

static char *room(wn_text *text, size_t size) {
  if (!text->failed && (size_t)text->n + size < INT32_MAX &&
      wn_array_grow((void **)&text->data, &text->cap, text->n + (int)size, 1))
    return text->data + text->n;
  text->failed = true;
  return NULL;
}

void wn_text_add(wn_text *text, const char *words) {
  size_t size = strlen(words);
  char *to = room(text, size);
  if (!to) return;
  memcpy(to, words, size);
  text->n += (int)size;
}

void wn_text_printf(wn_text *text, const char *format, ...) {
  va_list args, again;
  va_start(args, format);
  va_copy(again, args);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *to = room(text, (size_t)length + 1);
  if (to) {
    vsnprintf(to, (size_t)length + 1, format, again);
    text->n += length;
  }
  va_end(again);
}

void wn_text_free(wn_text *text) {
  wn_free(text->data);
  *text = (wn_text){0};
}

static void add_char(wn_text *text, char c) {
  char *to = room(text, 1);
  if (to) *to = c, text->n++;
}

void wn_text_field(wn_text *text, const char *words) {
  if (!strpbrk(words, ",\"\r\n")) {
    wn_text_add(text, words);
    return;
  }
  add_char(text, '"');
  for (; *words; words++) {
    if (*words == '"') add_char(text, '"');
    add_char(text, *words);
  }
  add_char(text, '"');
}

// empty when there is no number
static void add_number(wn_text *text, double value) {
  char *to = isfinite(value) ? room(text, WN_NUMBER_ROOM) : NULL;
  if (to) text->n += (int)(wn_number_put(to, value) - to);
}

// -- heads ----------------------------------------------------------------------------------------------------------

static void add_comments(const wn_manifest *m, wn_text *text) {
  for (int i = 0; i < m->n_head; i++) wn_text_printf(text, "# %s\n", m->head[i]);
}

static void add_units(const char *before, const wn_sweep_field *field, int n, wn_text *text) {
  if (n == 0) return;
  wn_text_printf(text, "# %s:", before);
  for (int i = 0; i < n; i++)
    wn_text_printf(text, " %s %s%s", field[i].name, *field[i].unit ? field[i].unit : "1", i + 1 < n ? "," : "\n");
}

static void add_names(const wn_sweep_field *field, int n, wn_text *text) {
  for (int i = 0; i < n; i++) {
    add_char(text, ',');
    wn_text_field(text, field[i].name);
  }
}

void wn_sweep_csv_head(const wn_manifest *m, wn_text *text) {
  const wn_sweep_table *t = m->table;
  add_comments(m, text);
  add_units("inputs", t->input, t->n_input, text);
  add_units("metrics", t->column, t->n_column, text);
  wn_text_add(
      text,
      "# metrics are of the last whole dosing day; window_start and window_end in h since it began, their clock in "
      "h since midnight\npoint,arm,subject");
  add_names(t->input, t->n_input, text);
  add_names(t->column, t->n_column, text);
  wn_text_add(text, ",status\n");
}

void wn_sweep_csv_curves_head(const wn_manifest *m, wn_text *text) {
  add_comments(m, text);
  add_units("units", m->table->curve, m->table->n_curve, text);
  wn_text_add(text, "point,arm,subject,time,clock");
  add_names(m->table->curve, m->table->n_curve, text);
  add_char(text, '\n');
}

void wn_sweep_csv_quantiles_head(const wn_manifest *m, wn_text *text) {
  add_comments(m, text);
  add_units("units", m->table->curve, m->table->n_curve, text);
  wn_text_printf(
      text,
      "# quantiles over all points and individuals, each within %.2g %% of the number of that rank; sizes below "
      "%.1e count as 0\narm,time,clock,output,n",
      100 * WN_SKETCH_ERROR, WN_SKETCH_FLOOR);
  for (int i = 0; i < N_QUANTILE; i++) wn_text_printf(text, ",q%g", 100 * quantiles[i]);
  add_char(text, '\n');
}

// -- rows -----------------------------------------------------------------------------------------------------------

// "12,low,3": the point and the individual of a row's case
static void add_keys(const wn_manifest *m, const wn_shard *shard, int row, wn_text *text) {
  const wn_sweep_table *t = m->table;
  int64_t at = shard->first_case + row / t->n_arm, cases = wn_sweep_table_cases(t);
  wn_text_printf(text, "%lld,", (long long)(at / cases + 1));
  wn_text_field(text, t->arm[row % t->n_arm]);
  wn_text_printf(text, ",%d", (int)(at % cases) + 1);
}

// what stands before the metrics of a case is the same for its arms but for the arm
static void add_inputs(const wn_sweep_table *t, const wn_shard *shard, int row, wn_text *text) {
  const double *input = shard->input + (size_t)(row / t->n_arm) * (size_t)t->n_input;
  for (int i = 0; i < t->n_input; i++) {
    add_char(text, ',');
    add_number(text, input[i]);
  }
}

void wn_sweep_csv_rows(const wn_manifest *m, const wn_shard *shard, wn_text *text) {
  const wn_sweep_table *t = m->table;
  for (int row = 0; row < shard->n_row && !text->failed; row++) {
    const double *value = shard->value + (size_t)row * (size_t)t->n_column;
    add_keys(m, shard, row, text);
    add_inputs(t, shard, row, text);
    for (int i = 0; i < t->n_column; i++) {
      add_char(text, ',');
      add_number(text, value[i]);
    }
    add_char(text, ',');
    wn_text_field(text, shard->status[row] ? shard->status[row] : "ok");
    add_char(text, '\n');
  }
}

void wn_sweep_csv_curves(const wn_manifest *m, const wn_shard *shard, wn_text *text) {
  const wn_sweep_table *t = m->table;
  for (int row = 0; row < shard->n_row; row++) {
    const double *curve = shard->curve + (size_t)row * (size_t)wn_sweep_table_curves(t);
    for (int k = 0; k < t->n_time && !text->failed; k++) {
      double time = wn_sweep_table_time(t, k);
      char clock[6];
      wn_format_clock(time, clock);
      add_keys(m, shard, row, text);
      add_char(text, ',');
      add_number(text, time);
      wn_text_printf(text, ",%s", clock);
      for (int c = 0; c < t->n_curve; c++) {
        add_char(text, ',');
        add_number(text, curve[c * t->n_time + k]);
      }
      add_char(text, '\n');
    }
  }
}

void wn_sweep_csv_quantiles(const wn_manifest *m, const wn_sketch *sketch, wn_text *text) {
  const wn_sweep_table *t = m->table;
  for (int a = 0; a < t->n_arm; a++)
    for (int k = 0; k < t->n_time; k++)
      for (int c = 0; c < t->n_curve && !text->failed; c++) {
        const wn_sketch_cell *cell = &sketch->cell[((int64_t)a * t->n_curve + c) * t->n_time + k];
        char clock[6];
        wn_format_clock(wn_sweep_table_time(t, k), clock);
        wn_text_field(text, t->arm[a]);
        add_char(text, ',');
        add_number(text, wn_sweep_table_time(t, k));
        wn_text_printf(text, ",%s,%s,%llu", clock, t->curve[c].name, (unsigned long long)cell->total);
        for (int q = 0; q < N_QUANTILE; q++) {
          add_char(text, ',');
          double value = wn_sketch_quantile(cell, quantiles[q]);
          if (isfinite(value)) wn_text_printf(text, "%.5g", value);
        }
        add_char(text, '\n');
      }
}
