// validate.c - wane validate: a model against the published figures it claims, row by row. Invariant: the summary says
// how many rows were looked at while the parameters were chosen.

#include "app.h"

#include "io/csv.h"
#include "io/grid.h"
#include "io/io.h"

#include <string.h>

static const wn_flag flags[] = {
    {"hypothesis", "NAME", "one of the model's named parameter sets; default the first", false},
    {"threads", "N", "default all cores", false},
    {"csv", "FILE.csv", "write the rows there too", false},
    {0},
};

// Uses in the order they are reported.
static const char *const uses[] = {"tuned", "not tuned", "structural"};
enum { N_USE = 3 };

typedef struct tally {
  int rows, hold;
  int use_rows[N_USE], use_hold[N_USE];
} tally;

static tally count(const wn_validation_row *rows, int n) {
  tally t = {.rows = n};
  for (int i = 0; i < n; i++) {
    t.hold += rows[i].holds;
    for (int u = 0; u < N_USE; u++) {
      if (strcmp(rows[i].use, uses[u]) != 0) continue;
      t.use_rows[u]++;
      t.use_hold[u] += rows[i].holds;
    }
  }
  return t;
}

static void print_rows(const wn_validation_row *rows, int n) {
  wn_columns c;
  wn_columns_init(&c, 9, 0, ".....r...");
  wn_columns_add(&c, "row", "holds", "use", "badge", "published", "accepted", "model", "unit", "scenario");
  c.right = ".....rr..";
  for (int i = 0; i < n; i++) {
    const wn_validation_row *r = &rows[i];
    char value[16];
    wn_format_short(r->value, value);
    wn_columns_add(&c, r->id, r->holds ? "yes" : "NO", r->use, wn_badge_name(r->badge), r->published,
                   wn_columns_text(&c, "%.4g to %.4g", r->low, r->high), value, r->unit, r->scenario);
  }
  int width = wn_app_columns();
  wn_columns_print(&c, stdout, width < 150 ? 150 : width);
}

static void print_tally(const tally *t, const char *model, const char *hypothesis) {
  fprintf(stdout,
          "\n%s%s%s: a row that holds lies in a band that was chosen here, not by its source. Rows marked tuned\n"
          "were looked at while parameters were chosen; structural ones hold by construction.\n",
          model, hypothesis ? ", hypothesis " : "", hypothesis ? hypothesis : "");
  fprintf(stdout, "%d of %d rows hold (", t->hold, t->rows);
  for (int u = 0; u < N_USE; u++) {
    if (t->use_hold[u] == t->use_rows[u])
      fprintf(stdout, "%s%d %s", u ? ", " : "", t->use_rows[u], uses[u]);
    else
      fprintf(stdout, "%s%d of %d %s", u ? ", " : "", t->use_hold[u], t->use_rows[u], uses[u]);
  }
  fputs("); a passing row is not validation of the story the model tells\n", stdout);
}

static wn_status write_csv(const wn_validation_row *rows, int n, const char *path, wn_error *err) {
  wn_outfile file;
  wn_buffer out = {0};
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_buffer_add(&out, "id,scenario,published,low,high,value,unit,holds,badge,use\n");
  for (int i = 0; i < n; i++) {
    const wn_validation_row *r = &rows[i];
    const char *const text[] = {r->id, r->scenario, r->published};
    for (int k = 0; k < 3; k++) wn_csv_text(&out, text[k]), wn_buffer_char(&out, ',');
    const double number[] = {r->low, r->high, r->value};
    for (int k = 0; k < 3; k++) wn_csv_number(&out, number[k]), wn_buffer_char(&out, ',');
    wn_csv_text(&out, r->unit);
    wn_buffer_printf(&out, ",%s,%s,%s\n", r->holds ? "yes" : "no", wn_badge_name(r->badge), r->use);
  }
  if (!wn_outfile_put(&file, &out, err)) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return WN_ERR_MEMORY;
}

// the first hypothesis is the default one, named or not
static wn_status is_default(const char *model, const char *hypothesis, bool *first, wn_error *err) {
  *first = true;
  if (!hypothesis) return WN_OK;
  wn_study *study;
  WN_TRY(wn_study_open(NULL, model, &study, err));
  const wn_model *m = wn_script_model(study->script);
  *first = m->n_hypothesis > 0 && strcmp(m->hypothesis[0].name, hypothesis) == 0;
  wn_study_close(study);
  return WN_OK;
}

static wn_status validate(const wn_args *args, int *exit_status, wn_error *err) {
  char data[4096];
  wn_validation_row *rows = NULL;
  int n = 0;
  bool first;
  const char *hypothesis = wn_args_value(args, "hypothesis"), *csv = wn_args_value(args, "csv");
  wn_request *request = wn_alloc(sizeof *request);
  wn_status status = request ? wn_request_read(args, request, err) : wn_fail_memory(err);
  int n_thread = status ? 0 : request->def.n_thread;
  wn_free(request);
  if (!status && csv && wn_write_check(WN_WRITE_TRAJECTORIES, csv, NULL))
    status = wn_fail(err, WN_ERR_USER, "--csv: expected a file ending in .csv, got \"%s\"", csv);
  if (status) return status;
  WN_TRY(wn_data_dir(data, err));
  WN_TRY(is_default(args->operand, hypothesis, &first, err));
  wn_script_env env = {data};
  WN_TRY(wn_script_validate(&env, args->operand, hypothesis, n_thread, &rows, &n, err));
  tally t = count(rows, n);
  print_rows(rows, n);
  print_tally(&t, args->operand, hypothesis);
  if (csv) status = write_csv(rows, n, csv, err);
  wn_free(rows);
  // another hypothesis is there to be compared; what it misses is a finding, not a failure
  if (first && t.hold < t.rows) *exit_status = WN_EXIT_RUN;
  return status;
}

static int run(const wn_args *args) {
  wn_error err = {0};
  int exit_status = WN_EXIT_OK;
  return validate(args, &exit_status, &err) ? wn_app_fail(&err) : exit_status;
}

const wn_command wn_command_validate = {
    .name = "validate",
    .operand = "MODEL",
    .summary = "a model against the published figures it claims: published, accepted band, model, badge",
    .text =
        "Hold a model against published figures, row by row. Rows marked tuned were looked at while parameters were\n"
        "chosen; only the others can tell something new, and none of them validates what has not been measured.",
    .flags = flags,
    .run = run,
};
