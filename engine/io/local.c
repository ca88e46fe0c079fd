// local.c - rows of local sensitivities. Invariant: every arm, metric and parameter has its row, also where nothing
// moves.

#include "io/local.h"

#include "io/csv.h"
#include "io/io.h"

#include <math.h>

static void write_row(const wn_local *l, const wn_local_metric *m, int k, FILE *out) {
  const wn_parameter *p = k < l->motion->n_param ? &l->scenario->model->param[l->motion->param[k]] : NULL;
  wn_csv_text(out, l->scenario->arm[m->arm].name);
  fprintf(out, ",%s,%s,", m->metric.quantity, m->metric.of);
  if (m->metric.day) fprintf(out, "%d", m->metric.day);
  fputc(',', out);
  wn_csv_number(out, m->metric.value);
  fprintf(out, ",%s,%s,%s,", m->metric.unit, wn_local_name(l, k), p ? wn_badge_name(p->badge) : "");
  if (p) wn_csv_number(out, wn_local_value(l, m->arm, k));
  fprintf(out, ",%s,", p ? p->unit : "");
  if (p) wn_csv_number(out, wn_local_slope(l, m, k));
  fputc(',', out);
  wn_csv_number(out, p && wn_local_value(l, m->arm, k) == 0 ? NAN : m->by[k]);
  fputc(',', out);
  wn_csv_number(out, wn_local_elasticity(l, m, k));
  fputc('\n', out);
}

wn_status wn_write_local_csv(const wn_local *local, const char *path, const char *command, wn_error *err) {
  wn_outfile file;
  const wn_scenario *s = local->scenario;
  const char *caption = s->caption && *s->caption ? s->caption : s->model->caption;
  WN_TRY(wn_outfile_open(&file, path, err));
  fprintf(file.stream, "# %s: local sensitivities\n# %s\n# %s\n", s->title, caption, WN_NOT_MEDICAL_ADVICE);
  if (command) fprintf(file.stream, "# %s\n", command);
  fputs("arm,quantity,of,day,value,unit,parameter,badge,parameter_value,parameter_unit,slope,per_ln,elasticity\n",
        file.stream);
  for (int i = 0; i < local->metrics.n && !ferror(file.stream); i++)
    for (int k = 0; k < local->n_sens; k++) write_row(local, &local->metrics.data[i], k, file.stream);
  return wn_outfile_commit(&file, err);
}
