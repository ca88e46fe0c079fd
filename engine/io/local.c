// local.c - rows of local sensitivities. Invariant: every arm, metric and parameter has its row, also where nothing
// moves.

#include "io/local.h"

#include "io/csv.h"
#include "io/io.h"

#include <math.h>

static void write_row(const wn_local *l, const wn_local_metric *m, int k, wn_buffer *out) {
  const wn_parameter *p = k < l->motion->n_param ? &l->scenario->model->param[l->motion->param[k]] : NULL;
  wn_csv_text(out, l->scenario->arm[m->arm].name);
  wn_buffer_printf(out, ",%s,%s,", m->metric.quantity, m->metric.of);
  if (m->metric.day) wn_buffer_printf(out, "%d", m->metric.day);
  wn_buffer_char(out, ',');
  wn_csv_number(out, m->metric.value);
  wn_buffer_printf(out, ",%s,%s,%s,", m->metric.unit, wn_local_name(l, k), p ? wn_badge_name(p->badge) : "");
  if (p) wn_csv_number(out, wn_local_value(l, m->arm, k));
  wn_buffer_printf(out, ",%s,", p ? p->unit : "");
  if (p) wn_csv_number(out, wn_local_slope(l, m, k));
  wn_buffer_char(out, ',');
  wn_csv_number(out, p && wn_local_value(l, m->arm, k) == 0 ? NAN : m->by[k]);
  wn_buffer_char(out, ',');
  wn_csv_number(out, wn_local_elasticity(l, m, k));
  wn_buffer_char(out, '\n');
}

wn_status wn_write_local_csv(const wn_local *local, const char *path, const char *command, wn_error *err) {
  wn_outfile file;
  const wn_scenario *s = local->scenario;
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  wn_buffer text = {0};
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_buffer_printf(&text, "# %s: local sensitivities\n# %s\n# %s\n", s->title, caption, WN_NOT_MEDICAL_ADVICE);
  if (command) wn_buffer_printf(&text, "# %s\n", command);
  wn_buffer_add(&text, "arm,quantity,of,day,value,unit,parameter,badge,parameter_value,parameter_unit,slope,per_ln,"
                       "elasticity\n");
  for (int i = 0; i < local->metrics.n; i++)
    for (int k = 0; k < local->n_sens; k++) write_row(local, &local->metrics.data[i], k, &text);
  if (!wn_outfile_put(&file, &text, err)) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return WN_ERR_MEMORY;
}
