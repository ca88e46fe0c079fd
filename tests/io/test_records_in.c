// test_records_in.c - data sets: what fields, times and dates become, and that files of other people are read.

#include "io/records_model.h"

#include <unistd.h>

// -- what is read -----------------------------------------------------------------------------------------------------

static void every_column_arrives(void **state) {
  (void)state;
  wn_dataset *d = read_text("ID,TIME,EVID,AMT,CMT,RATE,II,ADDL,SS,MDV,DV,WT,AGE,NOTE\n"
                            "A 1,-0.5,0,.,2,.,,NA,0,0,BLQ,61.5,33,\"first, before\"\n"
                            "A 1,0,1,100.5,vein,-2,24,3,1,1,.,62,34,\n"
                            "A 1,2,2,.,-3,.,.,.,.,1,.,63,35,off\n"
                            "B,7,4,50,,12.5,.,.,.,1,.,80,50,again\n");
  assert_int_equal(d->n_row, 4);
  assert_int_equal(d->n_column, 14);
  assert_int_equal(d->n_subject, 2);
  assert_memory_equal(d->first, ((const int[]){0, 3, 4}), 3 * sizeof(int));
  assert_memory_equal(d->line, ((const int[]){2, 3, 4, 5}), 4 * sizeof(int));
  assert_string_equal(d->id[0], "A 1");
  assert_string_equal(d->id[1], "B");
  assert_string_equal(d->path, "records.csv");
  assert_string_equal(d->name[13], "NOTE");
  assert_string_equal(d->field[0], "A 1");
  assert_null(d->occasion);
  const wn_record *r = d->record;
  assert_true(r[0].row == 0 && r[0].time == -0.5 && r[0].evid == 0 && r[0].route == -1 && r[0].state == -1 &&
              !r[0].off);
  assert_true(r[1].row == 1 && r[1].evid == 1 && r[1].amt == 100.5 && r[1].route == R_VEIN && r[1].rate == -2);
  assert_true(r[1].ii == 24 && r[1].addl == 3 && r[1].ss == 1 && r[1].state == -1 && r[1].dur == 0);
  assert_true(r[2].evid == 2 && r[2].state == PERI && r[2].off && r[2].route == -1);
  assert_true(r[3].evid == 4 && r[3].amt == 50 && r[3].route == R_GUT && r[3].rate == 12.5);
  assert_memory_equal(d->covariate, ((const double[]){61.5, 33, 62, 34, 63, 35, 80, 50}), 8 * sizeof(double));
  wn_dataset_destroy(d);
}

static void event_follows_from_the_amounts(void **state) {
  (void)state;
  wn_dataset *d = read_text("TIME,AMT,RATE,SS,MDV\n0,100,0,0,0\n0,0,10,1,1\n0,0,0,1,0\n0,0,0,0,1\n0,.,.,.,.\n");
  const int evid[] = {1, 1, 1, 2, 0};
  for (int i = 0; i < 5; i++) assert_int_equal(d->record[i].evid, evid[i]);
  // without ID all rows are one individual
  assert_int_equal(d->n_subject, 1);
  assert_string_equal(d->id[0], "1");
  assert_int_equal(d->first[1], 5);
  wn_dataset_destroy(d);
  // a column that is there is believed: missing is 0, and an amount does not make it a dose
  d = read_text("TIME,EVID,MDV\n0,.,1\n");
  assert_int_equal(d->record[0].evid, 0);
  wn_dataset_destroy(d);
  assert_string_equal(words("TIME,EVID,AMT\n0,.,100\n"),
                      "2: AMT: expected 0 or . on an observation (EVID 0), got 100; a dose has EVID 1");
}

static void individuals_are_rows_that_stand_together(void **state) {
  (void)state;
  wn_dataset *d = read_text("ID,TIME\n1,5\n1.0,6\n2,0\n01,0\n1,2\nx,0\nX,0\n");
  assert_int_equal(d->n_subject, 5);
  assert_memory_equal(d->first, ((const int[]){0, 2, 3, 5, 6, 7}), 6 * sizeof(int));
  assert_string_equal(d->id[2], "01");
  wn_dataset_destroy(d);
}

static void compartments_by_number_and_name(void **state) {
  (void)state;
  const struct {
    const char *cmt;
    int route;
  } doses[] = {{".", R_GUT},   {"0", R_GUT},   {"", R_GUT},      {"1", R_GUT},     {"2", R_CENT},    {"2.0", R_CENT},
               {"GUT", R_GUT}, {"gut", R_GUT}, {"CENT", R_CENT}, {"Vein", R_VEIN}, {"BOTH", R_BOTH}, {"3", R_CENT + 1}};
  for (size_t i = 0; i < sizeof doses / sizeof *doses; i++) {
    char text[80];
    snprintf(text, sizeof text, "TIME,AMT,CMT\n0,1,%s\n", doses[i].cmt);
    wn_dataset *d = read_text(text);
    assert_int_equal(d->record[0].route, doses[i].route);
    wn_dataset_destroy(d);
  }
  wn_dataset *d = read_text("TIME,EVID,CMT\n0,2,-1\n0,2,1\n0,2,-cent\n0,2,peri\n0,2,.\n0,0,ce\n0,3,-2\n0,0,vein\n");
  const int switched[] = {GUT, GUT, CENT, PERI, -1, -1, CENT, -1};
  const bool off[] = {true, false, true, false, false, false, true, false};
  for (int i = 0; i < 8; i++) {
    assert_int_equal(d->record[i].state, switched[i]);
    assert_int_equal(d->record[i].off, off[i]);
    assert_int_equal(d->record[i].route, -1);
  }
  wn_dataset_destroy(d);
}

static void default_compartment_is_the_models(void **state) {
  (void)state;
  model->default_route = R_VEIN;
  wn_dataset *d = read_text("TIME,AMT,RATE\n0,1,-1\n");
  model->default_route = R_GUT;
  assert_int_equal(d->record[0].route, R_VEIN);
  wn_dataset_destroy(d);
}

static void missing_covariates_are_filled(void **state) {
  (void)state;
  wn_dataset *d = read_text("ID,TIME,wt\n1,0,.\n1,1,\n1,2,60\n1,3,NA\n1,4,62\n1,5,.\n2,0,.\n2,1,.\n3,0,.\n3,0,90\n");
  const double weight[] = {60, 60, 60, 60, 62, 62, 70, 70, 90, 90};
  for (int i = 0; i < 10; i++) {
    assert_true(d->covariate[2 * i + WT] == weight[i]);
    assert_true(d->covariate[2 * i + AGE] == 40);
  }
  wn_dataset_destroy(d);
}

static void occasions_where_the_model_has_them(void **state) {
  (void)state;
  static const char text[] = "ID,TIME,OCC\n1,0,.\n1,1,2\n1,2,.\n2,0,.\n2,1,3\n";
  wn_random random = {.occasion = true};
  wn_dataset *d = read_text(text);
  assert_null(d->occasion);
  wn_dataset_destroy(d);
  model->random = &random, model->n_random = 1;
  d = read_text(text);
  assert_memory_equal(d->occasion, ((const int[]){1, 2, 2, 1, 3}), 5 * sizeof(int));
  wn_dataset_destroy(d);
  assert_string_equal(words("TIME,OCC\n0,0\n"), "2: OCC: expected an occasion from 1, got \"0\"");
  assert_string_equal(words("TIME,OCC\n0,first\n"), "2: OCC: expected a number or ., got \"first\"");
  assert_string_equal(words("TIME,OCC\n0,1.5\n"), "2: OCC: expected a whole number or ., got \"1.5\"");
  model->n_random = 0;
  wn_dataset_destroy(read_text("TIME,OCC\n0,first\n"));
}

// -- times and dates --------------------------------------------------------------------------------------------------

static double time_of(const char *first, const char *second, const char *header) {
  char text[200];
  snprintf(text, sizeof text, "%s\n%s\n%s\n", header, first, second);
  wn_dataset *d = read_text(text);
  double time = d->record[1].time;
  wn_dataset_destroy(d);
  return time;
}

static void times_of_day(void **state) {
  (void)state;
  assert_true(time_of("0", "8:30", "TIME") == 8.5);
  assert_true(time_of("-2", "-1.5", "TIME") == -1.5);
  assert_true(time_of("8", "08:45:36", "TIME") == 8.76);
  assert_true(time_of("0:00", "24:00", "TIME") == 24);
  assert_true(time_of("1e1", "1.25E1", "TIME") == 12.5);
  const char *const bad[] = {"8:60",  "24:01", "8:5",   "25:00",  "8:30 pm",    "8:30:60",   "24:00:01",
                             "-8:30", ":30",   "8:",    "8:30:1", "8:30:15:00", "123:00:00", "NaN",
                             "inf",   "0x10",  "1e999", "one",    "NA",         ".",         "8 30"};
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[80], want[120];
    snprintf(text, sizeof text, "ID,TIME\n1,%s\n", bad[i]);
    snprintf(want, sizeof want, "2: TIME: expected hours or a time of day like 22:30, got \"%s\"", bad[i]);
    assert_string_equal(words(text), want);
  }
  assert_string_equal(words("ID,TIME\n1,\n"), "2: TIME: expected hours or a time of day like 22:30, got nothing");
  assert_non_null(
      strstr(words("TIME\n22:00\n6:00\n"), "3: TIME: expected 22 h or later, as in the record before, got 6 h"));
}

// hours from the first date, at midnight, to the second
static double days(const char *column, const char *from, const char *to) {
  char header[40], first[40], second[40];
  snprintf(header, sizeof header, "TIME,%s", column);
  snprintf(first, sizeof first, "0,%s", from);
  snprintf(second, sizeof second, "0,%s", to);
  return time_of(first, second, header) / 24;
}

static void dates_in_four_orders(void **state) {
  (void)state;
  assert_true(time_of("22:00,12/31/2023", "6:15,1/1/2024", "TIME,DATE") == 30.25);
  assert_true(time_of("22,31-12-2023", "6.25,1-1-2024", "time,dat1") == 30.25);
  assert_true(time_of("22:00,2023-12-31", "06:15,2024-01-01", "TIME,DAT2") == 30.25);
  assert_true(time_of("2023.31.12,22:00", "2024.1.1,6:15", "DAT3,TIME") == 30.25);
  // the year in front says what DATE means
  assert_true(time_of("22:00,2023-12-31", "6:15,2024-01-01", "TIME,DATE") == 30.25);
  // bare day numbers
  assert_true(days("DATE", "-1", "2") == 3);
  assert_true(days("DAT2", "1", "1") == 0);
  // a reset may go back
  wn_dataset *d = read_text("TIME,DAT1,EVID\n8:00,10/3/2024,0\n7:00,9/3/2024,3\n7:30,9/3/2024,0\n");
  assert_true(d->record[1].time == -17 && d->record[2].time == -16.5);
  wn_dataset_destroy(d);
}

static void leap_years_and_month_ends(void **state) {
  (void)state;
  const struct {
    const char *from, *to;
    double days;
  } spans[] = {{"2023-02-28", "2023-03-01", 1},   {"2024-02-28", "2024-03-01", 2},
               {"1900-02-28", "1900-03-01", 1},   {"2000-02-28", "2000-03-01", 2},
               {"2023-12-31", "2024-01-01", 1},   {"2023-01-01", "2024-01-01", 365},
               {"2024-01-01", "2025-01-01", 366}, {"2000-01-01", "2400-01-01", 146097},
               {"50-12-31", "2051-01-01", 1},     {"51-01-01", "1951-01-02", 1},
               {"99-12-31", "0-1-1", 1},          {"2024-04-30", "2024-05-01", 1}};
  for (size_t i = 0; i < sizeof spans / sizeof *spans; i++)
    assert_true(days("DAT2", spans[i].from, spans[i].to) == spans[i].days);
  // every day of nine years follows the one before, in every order
  static const char *const columns[] = {"DATE", "DAT1", "DAT2", "DAT3"};
  static const int length[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  for (int c = 0; c < 4; c++) {
    FILE *out = fopen("days.csv", "w");
    assert_non_null(out);
    fprintf(out, "TIME,%s\n", columns[c]);
    for (int y = 1996; y <= 2004; y++)
      for (int m = 1; m <= 12; m++)
        for (int d = 1; d <= length[m - 1] + (m == 2 && y % 4 == 0); d++) {
          const int part[][3] = {{m, d, y}, {d, m, y}, {y, m, d}, {y, d, m}};
          fprintf(out, "12:00,%d/%02d/%d\n", part[c][0], part[c][1], part[c][2]);
        }
    fclose(out);
    wn_dataset *data = read_file("days.csv");
    assert_int_equal(data->n_row, 9 * 365 + 3);
    for (int i = 0; i < data->n_row; i++) assert_true(data->record[i].time == 24.0 * i + 12);
    wn_dataset_destroy(data);
  }
}

static void dates_that_are_none(void **state) {
  (void)state;
  const struct {
    const char *column, *date, *words;
  } bad[] = {
      {"DATE", "31/12/2024",
       "a date month/day/year or year-month-day (day/month/year is column DAT1), got \"31/12/2024\""},
      {"DATE", "10-12", "a date month/day/year or year-month-day (day/month/year is column DAT1), got \"10-12\""},
      {"DATE", "1/2-2024", "a date month/day/year or year-month-day (day/month/year is column DAT1), got \"1/2-2024\""},
      {"DAT1", "12/31/2024", "a date day/month/year, got \"12/31/2024\""},
      {"DAT1", "1.5", "a date day/month/year, got \"1.5\""},
      {"DAT1", "1 2 2024", "a date day/month/year, got \"1 2 2024\""},
      {"DAT2", "2024-00-10", "a date year-month-day, got \"2024-00-10\""},
      {"DAT2", "2024-1-", "a date year-month-day, got \"2024-1-\""},
      {"DAT2", "20240131/1/1", "a date year-month-day, got \"20240131/1/1\""},
      {"DAT2", "2024-001-01", "a date year-month-day, got \"2024-001-01\""},
      {"DAT2", "2024-01-01T08:00", "a date year-month-day, got \"2024-01-01T08:00\""},
      {"DAT2", "", "a date year-month-day, got nothing"},
      {"DAT2", ".", "a date year-month-day, got \".\""},
      {"DAT2", "2023-02-29", "a day that its month has, got \"2023-02-29\""},
      {"DAT2", "1900-02-29", "a day that its month has, got \"1900-02-29\""},
      {"DAT2", "2024-04-31", "a day that its month has, got \"2024-04-31\""},
      {"DAT2", "2024-04-00", "a day that its month has, got \"2024-04-00\""},
      {"DAT3", "2024-12-31", "a date year-day-month, got \"2024-12-31\""},
  };
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
    char text[120], want[200];
    snprintf(text, sizeof text, "%s,TIME\n%s,0\n", bad[i].column, bad[i].date);
    snprintf(want, sizeof want, "2: %s: expected %s", bad[i].column, bad[i].words);
    assert_string_equal(words(text), want);
  }
  assert_string_equal(words("TIME,DAT2\n0,2024-1-1\n0,2\n"),
                      "3: DAT2: expected a date, as the individual's first row has, got \"2\"");
  assert_string_equal(words("TIME,DAT2\n0,1\n0,2024-1-1\n"),
                      "3: DAT2: expected a day number, as the individual's first row has, got \"2024-1-1\"");
  assert_string_equal(words("TIME,DATE,dat3\n0,1,1\n"),
                      " expected one column of dates, got DATE and DAT3; try removing one");
}

// -- reference files --------------------------------------------------------------------------------------------------

static int count_lines(const char *path) {
  char *text = get_file(path);
  int n = 0;
  for (const char *a = text; *a; a++) n += *a == '\n';
  free(text);
  return n;
}

static void check_reference(const char *name, const char *const *covariates, int n_covariate, const char *varying,
                            double low, double high) {
  const char *source = getenv("WANE_SOURCE_DIR");
  char path[4096];
  snprintf(path, sizeof path, "%s/../shared/reference/%s/input.csv", source ? source : WANE_SOURCE_DIR, name);
  if (access(path, R_OK)) {
    print_message("skipped: %s is not there\n", path);
    skip();
  }
  wn_covariate declared[8], *kept = model->covariate;
  for (int k = 0; k < n_covariate; k++) declared[k] = (wn_covariate){.name = covariates[k], .unit = "1", .value = -1};
  model->covariate = declared, model->n_covariate = n_covariate, model->default_route = R_VEIN;
  wn_dataset *d = read_file(path);
  model->covariate = kept, model->n_covariate = N_COVARIATE, model->default_route = R_GUT;
  assert_int_equal(d->n_row, count_lines(path) - 1);
  int varies = -1, n_dose = 0;
  for (int k = 0; k < n_covariate; k++)
    if (strcmp(covariates[k], varying) == 0) varies = k;
  for (int i = 0; i < d->n_row; i++) {
    for (int k = 0; k < n_covariate; k++) assert_true(d->covariate[i * n_covariate + k] >= 0);
    assert_true(d->covariate[i * n_covariate + varies] >= low && d->covariate[i * n_covariate + varies] <= high);
    n_dose += d->record[i].amt > 0;
  }
  assert_true(n_dose > 0 && n_dose < d->n_row);
  wn_dataset_destroy(d);
}

static void reference_of_dosing(void **state) {
  (void)state;
  static const char *const covariates[] = {"LAGT", "BIOAV", "DUR2", "RAT2", "MODE"};
  // doses into compartment 2 leave rate and duration to the model there
  bool rate = model->route[R_CENT].has_rate, duration = model->route[R_CENT].has_duration;
  model->route[R_CENT].has_rate = model->route[R_CENT].has_duration = true;
  check_reference("nonmem_dosing", covariates, 5, "BIOAV", 0.1, 1);
  model->route[R_CENT].has_rate = rate, model->route[R_CENT].has_duration = duration;
}

static void reference_of_covariates(void **state) {
  (void)state;
  static const char *const covariates[] = {"wt", "lagt", "bioav"};
  check_reference("nonmem_covariates", covariates, 3, "wt", 30, 150);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_column_arrives),
      cmocka_unit_test(event_follows_from_the_amounts),
      cmocka_unit_test(individuals_are_rows_that_stand_together),
      cmocka_unit_test(compartments_by_number_and_name),
      cmocka_unit_test(default_compartment_is_the_models),
      cmocka_unit_test(missing_covariates_are_filled),
      cmocka_unit_test(occasions_where_the_model_has_them),
      cmocka_unit_test(times_of_day),
      cmocka_unit_test(dates_in_four_orders),
      cmocka_unit_test(leap_years_and_month_ends),
      cmocka_unit_test(dates_that_are_none),
      cmocka_unit_test(reference_of_dosing),
      cmocka_unit_test(reference_of_covariates),
  };
  return cmocka_run_group_tests(tests, make_model, drop_model);
}
