// test_records_out.c - data sets written with what was predicted: the fields are those that came in, the numbers read
// back, and what was written is itself a data set.

#include "io/records_model.h"

#include <math.h>

enum { N_COLUMN = N_STATE + 2 };

static wn_status write_records(const wn_dataset *data, const double *value, const char *path, const char *command,
                               wn_error *err) {
  wn_outfile file;
  WN_TRY(wn_outfile_open(&file, path, err));
  wn_status status = wn_put_records_head(&file, data, command, err);
  if (!status) status = wn_put_records(&file, data, value, 1, err);
  if (!status) return wn_outfile_commit(&file, err);
  wn_outfile_abandon(&file);
  return status;
}

static void write_out(const wn_dataset *data, const double *value, const char *path, const char *command) {
  wn_error err = {0};
  if (write_records(data, value, path, command, &err)) fail_msg("%s", err.message);
}

static void the_whole_file(void **state) {
  (void)state;
  wn_dataset *d =
      read_text("\xef\xbb\xbf# theirs\r\nID,time,AMT,\"a, b\",NOTE\r\n1,0:00,100,\" x\",\"say \"\"no\"\"\"\r\n\r\n"
                "1,1.50,.,,n #3\r\n");
  const double value[2][N_COLUMN] = {{100, 0, -0.0, 1.0 / 3, NAN},
                                     {90.5, 1e-300, 1e22, -INFINITY, 123456789012345678.0}};
  write_out(d, value[0], "out.csv", "wane run small --data \"my\nrecords.csv\"");
  char *got = get_file("out.csv");
  assert_string_equal(got, "# wane " WANE_VERSION ", wane run small --data \"my records.csv\"\n"
                           "# For teaching and research. Not medical advice.\n"
                           "# model small; time in h\n"
                           "# units: GUT mg, CENT mg, PERI mg, CP mg/L, Ce mg/L\n"
                           "ID,time,AMT,\"a, b\",NOTE,GUT,CENT,PERI,CP,Ce\n"
                           "1,0:00,100,\" x\",\"say \"\"no\"\"\",100,0,-0,0.3333333333333333,\n"
                           "1,1.50,.,,\"n #3\",90.5,1e-300,1e+22,,1.2345678901234568e+17\n");
  free(got);
  wn_dataset_destroy(d);
}

static void header_of(const char *columns, const char *want) {
  char text[200];
  snprintf(text, sizeof text, "%s\n", columns);
  for (const char *a = columns; *a; a++)
    if (*a == ',') strcat(text, "0,");
  strcat(text, "0\n");
  wn_dataset *d = read_text(text);
  write_out(d, (const double[N_COLUMN]){0}, "out.csv", "");
  char *got = get_file("out.csv"), *line = got;
  for (int i = 0; i < 4; i++) line = strchr(line, '\n') + 1;
  *strchr(line, '\n') = '\0';
  assert_string_equal(line, want);
  free(got);
  wn_dataset_destroy(d);
}

static void names_that_are_taken(void **state) {
  (void)state;
  header_of("TIME,CP", "TIME,CP,GUT,CENT,PERI,wane_CP,Ce");
  header_of("TIME,cent,CE", "TIME,cent,CE,GUT,wane_CENT,PERI,CP,wane_Ce");
  header_of("TIME,GUT,wane_gut", "TIME,GUT,wane_gut,wane_wane_GUT,CENT,PERI,CP,Ce");
  header_of("\"#TIME\",TIME", "\"#TIME\",TIME,GUT,CENT,PERI,CP,Ce");
}

// what is written is a data set with the same records and fields
static void output_is_input_again(void **state) {
  (void)state;
  wn_dataset *first = read_text("\"#ID\",ID,TIME,DAT2,EVID,AMT,CMT,WT,\"odd \"\"name\"\"\"\n"
                                "\"#1\",a b,8:30,2024-02-29,1,100,vein,70,\"\r\n\"\n"
                                "x,a b,9.25,2024-02-29,0,.,2,.,\" # \"\n"
                                "\"\",\"#c\",0,2024-3-1,4,5e1,gut,NA,\"\"\"\"\n"
                                "\"\t\",d,0,2024-3-1,0,.,.,81,\xc3\xa4\n");
  double value[4 * N_COLUMN] = {0};
  write_out(first, value, "again.csv", "again");
  wn_dataset *again = read_file("again.csv");
  assert_int_equal(again->n_row, first->n_row);
  assert_int_equal(again->n_subject, first->n_subject);
  assert_int_equal(again->n_column, first->n_column + N_COLUMN);
  for (int row = 0; row < first->n_row; row++) {
    assert_true(again->record[row].time == first->record[row].time && again->record[row].amt == first->record[row].amt);
    assert_true(again->record[row].route == first->record[row].route);
    const char *a = first->field[row], *b = again->field[row];
    for (int c = 0; c < first->n_column; c++, a += strlen(a) + 1, b += strlen(b) + 1) assert_string_equal(a, b);
  }
  assert_memory_equal(first->covariate, again->covariate, 4 * N_COVARIATE * sizeof(double));
  wn_dataset_destroy(first);
  wn_dataset_destroy(again);
}

// rows stay in data order, and every number reads back as the same bits
static void many_rows_in_order(void **state) {
  (void)state;
  enum { ROWS = 20000 };
  uint64_t random = 5;
  FILE *out = fopen("rows.csv", "w");
  assert_non_null(out);
  fputs("ID,TIME,n\n", out);
  for (int i = 0; i < ROWS; i++) fprintf(out, "%d,%d,%d\n", i / 7, i % 7, i);
  fclose(out);
  wn_dataset *d = read_file("rows.csv");
  double *value = malloc(ROWS * N_COLUMN * sizeof *value);
  assert_non_null(value);
  for (int i = 0; i < ROWS * N_COLUMN; i++)
    value[i] = ldexp((double)next_random(&random) / 4294967296 - 0.5, (int)(next_random(&random) % 200) - 100);
  write_out(d, value, "out.csv", "many");
  char *got = get_file("out.csv"), *line = got;
  for (int i = 0; i < 5; i++) line = strchr(line, '\n') + 1;
  for (int i = 0; i < ROWS; i++) {
    int id, time, n, used = 0;
    assert_int_equal(sscanf(line, "%d,%d,%d%n", &id, &time, &n, &used), 3);
    assert_true(id == i / 7 && time == i % 7 && n == i);
    line += used;
    for (int k = 0; k < N_COLUMN; k++) {
      double want = value[i * N_COLUMN + k], read = strtod(line + 1, &line);
      assert_true(read == want);
    }
    assert_int_equal(*line++, '\n');
  }
  assert_int_equal(*line, '\0');
  free(got);
  free(value);
  wn_dataset_destroy(d);
}

static void places_that_cannot_be_written(void **state) {
  (void)state;
  wn_dataset *d = read_text("TIME\n0\n1\n");
  const double value[2 * N_COLUMN] = {0};
  wn_error err = {0};
  assert_int_equal(write_records(d, value, "no/such/place.csv", "", &err), WN_ERR_IO);
  assert_string_equal(err.message, "no/such/place.csv: cannot write: No such file or directory");
  assert_int_equal(write_records(d, value, "/dev/full", "", &err), WN_ERR_IO);
  assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");
  // a path that is there stays as it was while the new one is not whole
  put_file("kept.csv", "kept");
  for (int n = 0; n < 3; n++) {
    wn_alloc_fail_after(n);
    wn_status status = write_records(d, value, "kept.csv", "", &err);
    wn_alloc_fail_after(-1);
    assert_int_equal(status, WN_ERR_MEMORY);
    char *got = get_file("kept.csv");
    assert_string_equal(got, "kept");
    free(got);
  }
  wn_dataset_destroy(d);
}

// a name that has to be made up needs memory, too
static void out_of_memory_in_a_name(void **state) {
  (void)state;
  wn_dataset *d = read_text("TIME,CP\n0,0\n");
  wn_error err = {0};
  wn_status status = WN_ERR_MEMORY;
  int n = 0;
  for (; status && n < 40; n++) {
    wn_alloc_fail_after(n);
    status = write_records(d, (const double[N_COLUMN]){0}, "out.csv", "", &err);
    wn_alloc_fail_after(-1);
    if (status) assert_int_equal(status, WN_ERR_MEMORY);
  }
  assert_int_equal(status, WN_OK);
  assert_true(n > 7);
  wn_dataset_destroy(d);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_whole_file),
      cmocka_unit_test(names_that_are_taken),
      cmocka_unit_test(output_is_input_again),
      cmocka_unit_test(many_rows_in_order),
      cmocka_unit_test(places_that_cannot_be_written),
      cmocka_unit_test(out_of_memory_in_a_name),
  };
  return cmocka_run_group_tests(tests, make_model, drop_model);
}
