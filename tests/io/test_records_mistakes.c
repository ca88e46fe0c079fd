// test_records_mistakes.c - data sets that are wrong: every mistake is one line that names file, line and column.

#include "io/records_model.h"

static void columns_that_go_wrong(void **state) {
  (void)state;
  assert_string_equal(words("ID,EVID\n1,0\n"),
                      " expected a column TIME, got none; try a header like ID,TIME,EVID,AMT,CMT,DV");
  // a dose of which no column says how much
  assert_non_null(strstr(words("TIME,CMT,AMTT,EVID\n0,1,100,1\n"),
                         "2: a dose (EVID 1) needs a column AMT, got none; try AMT as the name of AMTT"));
  assert_non_null(
      strstr(words("TIME,DOSE,EVID\n0,100,4\n"), "needs a column AMT, got none; try AMT as the name of DOSE"));
  assert_string_equal(words("ID,TIME,AMT,amt\n1,0,1,1\n"),
                      " expected every column once, got amt twice; try removing or renaming one");
  assert_string_equal(words("ID,TIME,x,y,x\n1,0,1,1,1\n"),
                      " expected every column once, got x twice; try removing or renaming one");
  assert_string_equal(words("ID,TIME\n# nothing\n"), " expected records below the header, got none");
  assert_string_equal(words("ID,TIME\n1,0\n1\n"),
                      "3: expected 2 fields as in the header, got 1; try . for what is missing");
  // columns without a name may be many
  wn_dataset_destroy(read_text("ID,TIME,,\n1,0,a,b\n"));
}

static void fields_that_go_wrong(void **state) {
  (void)state;
  static const char *const columns[] = {"AMT", "RATE", "II", "ADDL", "SS", "MDV", "EVID", "WT", "age", "CONT"};
  static const char *const bad[] = {"abc", "nan", "NaN", "inf", "-Infinity", "1e999", "0x1", "1,5", "1 2", "..", "--1"};
  for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
      char text[120], want[120];
      snprintf(text, sizeof text, "# c\nID,TIME,%s\n1,0,.\n1,0,\"%s\"\n", columns[c], bad[i]);
      snprintf(want, sizeof want, "4: %s: expected a number or ., got \"%s\"", columns[c], bad[i]);
      assert_string_equal(words(text), want);
    }
  static const char *const whole[] = {"EVID", "ADDL", "SS"};
  for (int c = 0; c < 3; c++) {
    char text[120], want[120];
    snprintf(text, sizeof text, "TIME,%s\n0,0.5\n", whole[c]);
    snprintf(want, sizeof want, "2: %s: expected a whole number or ., got \"0.5\"", whole[c]);
    assert_string_equal(words(text), want);
  }
  assert_string_equal(words("TIME,ADDL\n0,3e9\n"), "2: ADDL: expected a whole number or ., got \"3e9\"");
  assert_string_equal(words("ID,TIME\n.,0\n"), "2: ID: expected an ID, got \".\"");
  assert_string_equal(words("ID,TIME\n1,0\n,0\n"), "3: ID: expected an ID, got nothing");
  // columns that mean nothing may hold anything
  wn_dataset_destroy(read_text("TIME,DV,note,C,PCMT,L2,XVID1,CALL\n0,BLQ,\"a\nb\",C,x,y,z,w\n"));
}

static void compartments_that_are_not_there(void **state) {
  (void)state;
#define EXPECTED "2: CMT: expected a compartment of small, 1 to 3 or its name"
  assert_string_equal(words("TIME,AMT,CMT\n0,1,4\n"), EXPECTED ", got \"4\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,1.5\n"), EXPECTED ", got \"1.5\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,1000\n"), EXPECTED ", got \"1000\"");
  assert_string_equal(words("TIME,CMT\n0,-4\n"), EXPECTED ", got \"-4\"");
  assert_string_equal(words("TIME,CMT\n0,1e300\n"), EXPECTED ", got \"1e300\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,CENTR\n"), EXPECTED " such as CENT, got \"CENTR\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,veins\n"), EXPECTED " such as vein, got \"veins\"");
  assert_string_equal(words("TIME,EVID,CMT\n0,2,-guts\n"), EXPECTED " such as GUT, got \"-guts\"");
  assert_string_equal(words("TIME,CMT\n0,something\n"), EXPECTED ", got \"something\"");
  assert_string_equal(words("TIME,CMT\n0,-\n"), EXPECTED ", got \"-\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,CP\n"),
                      "2: CMT: expected a compartment, which an output is not, got \"CP\"");
  assert_string_equal(words("TIME,EVID,CMT\n0,2,-vein\n"),
                      "2: CMT: expected one of the model's states to switch on or off, got \"-vein\"");
  assert_string_equal(words("TIME,AMT,CMT\n0,1,-1\n"),
                      "2: CMT: expected the compartment of a dose (EVID 1), got a negative one");
  assert_non_null(strstr(words("TIME,CMT\n0,-1\n"), "2: CMT: expected a compartment above 0 on an observation"));
}

static void columns_of_other_tools_are_not_passed_over(void **state) {
  (void)state;
  assert_string_equal(words("TIME,CONT\n0,1\n"),
                      "2: CONT: expected 0 or . (records that continue are not supported), got \"1\"");
  assert_string_equal(
      words("TIME,AMT,dur\n0,100,2\n"),
      "2: dur: a duration of 2 beside a dose without RATE has no effect here; try RATE = AMT / duration, or "
      "another name for the column if it means something else");
  assert_non_null(strstr(words("TIME,AMT,TINF\n0,100,0.5\n"), "2: TINF: a duration of 0.5 beside"));
  wn_dataset_destroy(
      read_text("TIME,AMT,RATE,DUR,TINF,CONT\n0,100,50,2,2,0\n0,100,.,0,.,.\n0,.,.,9,9,.\n0,5,.,x,,.\n"));
  // unless they are the model's
  const char *name = model->covariate[AGE].name;
  model->covariate[AGE].name = "DUR";
  wn_dataset *d = read_text("TIME,AMT,DUR\n0,100,2\n");
  model->covariate[AGE].name = name;
  assert_true(d->covariate[AGE] == 2);
  wn_dataset_destroy(d);
}

// the rules have their own test; here, that each individual's are applied and the right line is named
static void records_are_checked_by_individual(void **state) {
  (void)state;
  assert_string_equal(words("ID,TIME,AMT,ADDL\n1,0,.,.\n2,0,1,.\n2,1,1,3\n3,0,.,.\n"),
                      "4: ADDL: 3 additional doses need II above 0, got II 0");
  assert_string_equal(
      words("# c\nID,TIME,EVID\n1,5,0\n\n2,0,0\n2,1,5\n"),
      "6: EVID: expected 0 (observation), 1 (dose), 2 (other), 3 (reset) or 4 (reset and dose), got 5, which "
      "replaces an amount in rxode2 and is not supported");
  // time starts again with an individual
  wn_dataset_destroy(read_text("ID,TIME\n1,5\n2,0\n"));
}

static void long_fields_are_cut_in_words(void **state) {
  (void)state;
  char text[400] = "TIME,AMT\n0,";
  memset(text + 11, 'x', 300);
  const char *said = words(text);
  assert_true(strlen(said) < 120);
  assert_memory_equal(said, "2: AMT: expected a number or ., got \"xxxx", 40);
}

static void files_that_cannot_be_read(void **state) {
  (void)state;
  wn_error err = {0};
  wn_dataset *data;
  assert_int_equal(wn_dataset_read("not_there.csv", model, &data, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "not_there.csv: cannot read: No such file"));
  assert_null(data);
  assert_int_equal(wn_dataset_read("/", model, &data, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "Is a directory"));
}

static void out_of_memory_is_said(void **state) {
  (void)state;
  put_file("records.csv", "ID,TIME,AMT,CMT,WT\n1,0,1,vein,60\n2,0,.,1,.\n3,0,.,.,.\n");
  const char *const bad = "ID,TIME,CMT\n1,0,nowhere\n";
  put_file("bad.csv", bad);
  for (int file = 0; file < 2; file++) {
    wn_status status = WN_ERR_MEMORY;
    wn_dataset *data = NULL;
    int n = 0;
    for (; status == WN_ERR_MEMORY && n < 200; n++) {
      wn_error err = {0};
      wn_alloc_fail_after(n);
      status = wn_dataset_read(file ? "bad.csv" : "records.csv", model, &data, &err);
      wn_alloc_fail_after(-1);
      if (status) assert_null(data);
    }
    assert_int_equal(status, file ? WN_ERR_USER : WN_OK);
    assert_true(n > 8);
    wn_dataset_destroy(data);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(columns_that_go_wrong),
      cmocka_unit_test(fields_that_go_wrong),
      cmocka_unit_test(compartments_that_are_not_there),
      cmocka_unit_test(columns_of_other_tools_are_not_passed_over),
      cmocka_unit_test(records_are_checked_by_individual),
      cmocka_unit_test(long_fields_are_cut_in_words),
      cmocka_unit_test(files_that_cannot_be_read),
      cmocka_unit_test(out_of_memory_is_said),
  };
  return cmocka_run_group_tests(tests, make_model, drop_model);
}
