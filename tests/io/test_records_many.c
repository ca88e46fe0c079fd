// test_records_many.c - many data sets, and large ones: what a file means does not depend on how it is laid out, and no
// file does harm.

#include "io/records_model.h"

#include <math.h>
#include <unistd.h>

enum { WIDE = 12, MANY = 40 };

// a table of valid records as fields, column by column
static void make_table(char field[MANY + 1][WIDE][24], uint64_t *random) {
  static const char *const names[WIDE] = {"ID", "TIME", "EVID", "AMT", "CMT", "RATE",
                                          "II", "ADDL", "SS",   "WT",  "Age", "DV"};
  for (int c = 0; c < WIDE; c++) snprintf(field[0][c], 24, "%s", names[c]);
  double time = 0;
  for (int row = 1; row <= MANY; row++) {
    uint32_t kind = next_random(random) % 4;
    time = row % 10 == 1 ? 0 : time + next_random(random) % 7 / 4.0;
    for (int c = 0; c < WIDE; c++) snprintf(field[row][c], 24, "%s", next_random(random) % 2 ? "." : "");
    snprintf(field[row][0], 24, "%d", 1 + (row - 1) / 10);
    snprintf(field[row][1], 24, "%.17g", time);
    snprintf(field[row][2], 24, "%u", kind);
    snprintf(field[row][4], 24, "%u", next_random(random) % 4);
    if (kind == 1) snprintf(field[row][3], 24, "%u.5", next_random(random) % 100);
    if (kind == 1 && row % 2) snprintf(field[row][6], 24, "12"), snprintf(field[row][7], 24, "%d", 1 + row % 3);
    if (kind == 1 && row % 3) snprintf(field[row][5], 24, "2e1");
    if (row % 4 == 0) snprintf(field[row][9], 24, "%d", 50 + row);
  }
}

static void write_table(char field[MANY + 1][WIDE][24], const int *order, bool upper, FILE *out) {
  for (int row = 0; row <= MANY; row++)
    for (int c = 0; c < WIDE; c++) {
      char text[24];
      snprintf(text, sizeof text, "%s", field[row][order[c]]);
      for (char *a = text; row == 0 && *a; a++)
        if ((*a >= 'a' && *a <= 'z') == upper && (*a | 32) >= 'a' && (*a | 32) <= 'z') *a = (char)(*a ^ 32);
      fprintf(out, "%s%s", text, c + 1 < WIDE ? "," : "\r\n");
    }
}

static bool same_record(const wn_record *a, const wn_record *b) {
  return a->row == b->row && a->time == b->time && a->evid == b->evid && a->route == b->route && a->state == b->state &&
         a->off == b->off && a->amt == b->amt && a->rate == b->rate && a->dur == b->dur && a->ii == b->ii &&
         a->addl == b->addl && a->ss == b->ss && a->note == b->note;
}

static void column_order_and_letter_case_do_not_matter(void **state) {
  (void)state;
  char field[MANY + 1][WIDE][24];
  uint64_t random = 7;
  for (int table = 0; table < 10; table++) {
    make_table(field, &random);
    wn_dataset *first = NULL;
    int order[WIDE] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    for (int shuffle = 0; shuffle < 8; shuffle++) {
      FILE *out = fopen("table.csv", "w");
      assert_non_null(out);
      write_table(field, order, shuffle % 2, out);
      fclose(out);
      wn_dataset *data = read_file("table.csv");
      if (!first) first = data;
      assert_int_equal(data->n_row, MANY);
      assert_int_equal(data->n_subject, 4);
      for (int i = 0; i < MANY; i++) assert_true(same_record(&first->record[i], &data->record[i]));
      assert_memory_equal(first->covariate, data->covariate, MANY * N_COVARIATE * sizeof(double));
      assert_memory_equal(first->first, data->first, 5 * sizeof(int));
      if (data != first) wn_dataset_destroy(data);
      for (int c = WIDE - 1; c > 0; c--) {
        int other = (int)(next_random(&random) % (uint32_t)(c + 1)), kept = order[c];
        order[c] = order[other], order[other] = kept;
      }
    }
    wn_dataset_destroy(first);
  }
}

static void large_files_are_read_in_order(void **state) {
  (void)state;
  enum { SUBJECTS = 10000, ROWS = 10 };
  FILE *out = fopen("large.csv", "w");
  assert_non_null(out);
  fputs("ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS,DV,WT,NOTE\n", out);
  for (int s = 0; s < SUBJECTS; s++)
    for (int i = 0; i < ROWS; i++)
      fprintf(out, "%d,%.2f,%d,%s,%d,.,%s,%s,.,.,%s,row %d\n", s + 1, i * 0.25, i == 0, i ? "." : "100", 1 + i % 2,
              i ? "." : "24", i ? "." : "6", i == 9 ? "80.5" : ".", i);
  fclose(out);
  wn_dataset *d = read_file("large.csv");
  assert_int_equal(d->n_row, SUBJECTS * ROWS);
  assert_int_equal(d->n_subject, SUBJECTS);
  for (int row = 0; row < d->n_row; row++) {
    int i = row % ROWS;
    const wn_record *r = &d->record[row];
    assert_true(r->row == row && r->time == i * 0.25 && r->evid == (i == 0) && r->amt == (i ? 0 : 100));
    assert_true(r->addl == (i ? 0 : 6) && d->covariate[2 * row] == 80.5 && d->line[row] == row + 2);
    assert_true(i || d->first[row / ROWS] == row);
  }
  assert_string_equal(d->id[SUBJECTS - 1], "10000");
  wn_dataset_destroy(d);
  unlink("large.csv");
}

// one individual with all the rows, none of them with a covariate but the last: nothing may be quadratic
static void one_long_individual(void **state) {
  (void)state;
  enum { ROWS = 100000 };
  FILE *out = fopen("long.csv", "w");
  assert_non_null(out);
  fputs("TIME,WT\n", out);
  for (int i = 0; i < ROWS; i++) fprintf(out, "%d,%s\n", i, i == ROWS - 1 ? "55" : ".");
  fclose(out);
  wn_dataset *d = read_file("long.csv");
  for (int i = 0; i < ROWS; i++) assert_true(d->covariate[2 * i + WT] == 55 && d->record[i].time == i);
  wn_dataset_destroy(d);
  unlink("long.csv");
}

static void wide_files_are_read(void **state) {
  (void)state;
  enum { COLUMNS = 20000 };
  FILE *out = fopen("wide.csv", "w");
  assert_non_null(out);
  for (int i = 0; i < COLUMNS; i++) fprintf(out, "x%d,", i);
  fputs("TIME\n", out);
  for (int i = 0; i < COLUMNS; i++) fputs("1,", out);
  fputs("2.5\n", out);
  fclose(out);
  wn_dataset *d = read_file("wide.csv");
  assert_int_equal(d->n_column, COLUMNS + 1);
  assert_true(d->record[0].time == 2.5);
  wn_dataset_destroy(d);
  unlink("wide.csv");
}

// whatever the bytes are: records that pass the check, or one line of words
static void spoiled_files_do_no_harm(void **state) {
  (void)state;
  static const char seed[] = "ID,TIME,DAT2,EVID,AMT,CMT,RATE,II,ADDL,SS,MDV,WT,DUR\n"
                             "1,8:30,2024-02-28,1,100,vein,-2,24,3,1,1,70,.\n"
                             "1,9.5,2024-02-29,0,.,2,.,.,.,.,0,.,.\n"
                             "1,1:00,2024-03-01,2,.,-3,.,.,.,.,1,71,\n"
                             "2,0,2024-3-1,4,5e1,gut,10,0,0,0,1,NA,\"x\"\n";
  uint64_t random = 1948;
  int good = 0;
  for (int round = 0; round < 5000; round++) {
    char bytes[600];
    memcpy(bytes, seed, sizeof seed - 1);
    size_t n = spoil(bytes, sizeof seed - 1, sizeof bytes, &random);
    put_bytes("spoiled.csv", bytes, n);
    wn_error err = {0};
    wn_dataset *data;
    wn_status status = wn_dataset_read("spoiled.csv", model, &data, &err);
    assert_true(status == WN_OK || (status == WN_ERR_USER && strncmp(err.message, "spoiled.csv:", 12) == 0));
    if (status) continue;
    good++;
    for (int i = 0; i < data->n_row * N_COVARIATE; i++) assert_true(isfinite(data->covariate[i]));
    for (int i = 0; i < data->n_row; i++) {
      const wn_record *r = &data->record[i];
      bool dose = r->evid == 1 || r->evid == 4;
      assert_true(isfinite(r->time) && dose == (r->route >= 0) && r->route < model->n_route_all);
      assert_true(r->state < N_STATE && (r->state < 0 || r->evid == 2 || r->evid == 3));
    }
    wn_dataset_destroy(data);
  }
  assert_in_range(good, 200, 4999);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(column_order_and_letter_case_do_not_matter),
      cmocka_unit_test(large_files_are_read_in_order),
      cmocka_unit_test(one_long_individual),
      cmocka_unit_test(wide_files_are_read),
      cmocka_unit_test(spoiled_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, make_model, drop_model);
}
