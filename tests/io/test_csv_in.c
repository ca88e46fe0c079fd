// test_csv_in.c - cutting CSV: what is one field, one row, one line, and the words for what is no CSV.

#include "io/files.h"

#include "base/memory.h"
#include "io/csv_in.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MAX_COLUMN = 64 };

// "a|b/1|2/": fields end with | or, the last of a row, with /
static char *joined(const wn_csv *csv) {
  static char text[4096];
  size_t used = 0;
  const char *field[MAX_COLUMN];
  assert_true(csv->n_column <= MAX_COLUMN);
  for (int row = -1; row < csv->n_row; row++) {
    if (row >= 0) wn_csv_fields(csv->row[row], csv->n_column, field);
    for (int c = 0; c < csv->n_column; c++) {
      const char *one = row < 0 ? csv->name[c] : field[c];
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%c", one, c + 1 < csv->n_column ? '|' : '/');
    }
  }
  return text;
}

static void expect_bytes(const char *bytes, size_t n, const char *want) {
  wn_csv csv;
  wn_error err = {0};
  put_bytes("in.csv", bytes, n);
  if (wn_csv_read("in.csv", &csv, &err)) fail_msg("%s", err.message);
  assert_string_equal(joined(&csv), want);
  wn_csv_free(&csv);
}

static void expect(const char *text, const char *want) { expect_bytes(text, strlen(text), want); }

static void expect_words(const char *text, const char *words) {
  wn_csv csv;
  wn_error err = {0};
  put_file("in.csv", text);
  assert_int_equal(wn_csv_read("in.csv", &csv, &err), WN_ERR_USER);
  assert_string_equal(err.message, words);
  assert_null(csv.text);
}

static void fields_and_rows(void **state) {
  (void)state;
  expect("ID,TIME\n1,0\n2,4.5\n", "ID|TIME/1|0/2|4.5/");
  // the last line need not end
  expect("ID,TIME\n1,0", "ID|TIME/1|0/");
  expect("ID,TIME\n1,", "ID|TIME/1|/");
  expect("ID,TIME", "ID|TIME/");
  expect("ID\n1\n2\n", "ID/1/2/");
  expect("a,b,c\n,,\n", "a|b|c/||/");
  expect(" a ,\tb\t\n 1 2 , 3\n", "a|b/1 2|3/");
  expect(",a,\n1,2,3\n", "|a|/1|2|3/");
}

static void line_ends_of_any_kind(void **state) {
  (void)state;
  expect("a,b\r\n1,2\r\n", "a|b/1|2/");
  expect("a,b\r1,2\r3,4", "a|b/1|2/3|4/");
  expect("a,b\r\n1,2\n3,4\r5,6", "a|b/1|2/3|4/5|6/");
  expect("\xef\xbb\xbf"
         "a,b\r\n1,2",
         "a|b/1|2/");
  // only at the front is it a byte-order mark
  expect("a\n\xef\xbb\xbf"
         "1",
         "a/\xef\xbb\xbf"
         "1/");
}

static void quotes(void **state) {
  (void)state;
  expect("a,\"b, c\"\n\"1\",\"\"\n", "a|b, c/1|/");
  expect("a\n\"say \"\"no\"\"\"\n", "a/say \"no\"/");
  expect("a\n \" kept \" \n", "a/ kept /");
  expect("a,b\n\"two\nlines\",\"three\r\nlines\n\"\n", "a|b/two\nlines|three\r\nlines\n/");
  // a quote inside a plain field is a letter
  expect("a\n5\" tube\n", "a/5\" tube/");
  expect("\"\"\n\"\"\"\"\n\"#1\"\n", "/\"/#1/");
  expect("a\n\"x\"", "a/x/");
}

static void lines_that_are_no_rows(void **state) {
  (void)state;
  expect("# made by hand\n\n  # indented, \"with quote\nID,TIME\n#1,0\n\n \t\r\n2,0\n# end", "ID|TIME/2|0/");
  expect("a\r\r\r1\r\r", "a/1/");
  expect("a\n1\n   ", "a/1/");
}

static void every_row_knows_its_line(void **state) {
  (void)state;
  const char *const texts[] = {"# c\na,b\n1,2\n\n# c\n\"x\ny\",3\n4,5\n",
                               "# c\r\na,b\r\n1,2\r\n\r\n# c\r\n\"x\r\ny\",3\r\n4,5",
                               "# c\ra,b\r1,2\r\r# c\r\"x\ry\",3\r4,5\r"};
  for (int i = 0; i < 3; i++) {
    wn_csv csv;
    wn_error err = {0};
    put_file("in.csv", texts[i]);
    if (wn_csv_read("in.csv", &csv, &err)) fail_msg("%s", err.message);
    assert_int_equal(csv.n_row, 3);
    assert_memory_equal(csv.line, ((const int[]){3, 6, 8}), 3 * sizeof(int));
    wn_csv_free(&csv);
  }
}

static void rows_as_long_as_the_header(void **state) {
  (void)state;
  expect_words("a,b,c\n1,2,3\n1,2\n", "in.csv:3: expected 3 fields as in the header, got 2; try . for what is missing");
  expect_words("a,b\n\n1,2,3\n",
               "in.csv:3: expected 2 fields as in the header, got more; try quoting text with commas");
  expect_words("a,b\n1\n", "in.csv:2: expected 2 fields as in the header, got 1; try . for what is missing");
}

static void quotes_that_go_wrong(void **state) {
  (void)state;
  expect_words("a\n1\n\"2\n3\n", "in.csv:3: expected a \" that ends the quote begun here, got the file's end");
  expect_words("\"a", "in.csv:1: expected a \" that ends the quote begun here, got the file's end");
  expect_words("a,b\n\"1\"2,3\n",
               "in.csv:2: expected a comma or the end of the line after a closing \", got more text; "
               "try \"\" for a quote within quotes");
}

static void files_that_are_no_csv(void **state) {
  (void)state;
  expect_words("", "in.csv: expected a header line with the names of columns, got nothing");
  expect_words("\n# nothing\n\n", "in.csv: expected a header line with the names of columns, got nothing");
  expect_words("\xef\xbb\xbf", "in.csv: expected a header line with the names of columns, got nothing");
  expect_words("# c\nID;TIME;AMT\n1;0,5;100\n",
               "in.csv:2: expected commas between the columns, got semicolons; try saving "
               "it as CSV with commas (and a point in numbers)");
  expect_words("ID\tTIME\n1\t0\n", "in.csv:1: expected commas between the columns, got tabs; try saving it as CSV with "
                                   "commas (and a point in numbers)");
  expect_words("ID TIME\n1 0\n", "in.csv:1: expected commas between the columns, got blanks; try saving it as CSV with "
                                 "commas (and a point in numbers)");
  expect_words("PK\x03\x04 sheet", "in.csv: expected CSV text, got a spreadsheet or zip archive; try saving it as CSV "
                                   "(UTF-8)");
  expect_words("\xff\xfe"
               "I",
               "in.csv: expected CSV text, got UTF-16 text; try saving it as UTF-8");
  expect_words("\x1f\x8b\x08", "in.csv: expected CSV text, got compressed; try unpacking it first");
}

static void files_that_are_not_text(void **state) {
  (void)state;
  wn_csv csv;
  wn_error err = {0};
  put_bytes("in.csv", "ID,TIME\n1,\0\n", 12);
  assert_int_equal(wn_csv_read("in.csv", &csv, &err), WN_ERR_USER);
  assert_string_equal(err.message, "in.csv: expected CSV text, got a binary file; try saving it as CSV (UTF-8)");
  // a device without end ends at once
  assert_int_equal(wn_csv_read("/dev/zero", &csv, &err), WN_ERR_USER);
  assert_string_equal(err.message, "/dev/zero: expected CSV text, got a binary file; try saving it as CSV (UTF-8)");
  assert_int_equal(wn_csv_read("not_there.csv", &csv, &err), WN_ERR_USER);
  assert_string_equal(err.message,
                      "not_there.csv: cannot read: No such file or directory; try the path of a CSV file with "
                      "records");
  assert_int_equal(wn_csv_read(".", &csv, &err), WN_ERR_USER);
  assert_string_equal(err.message, ".: cannot read: Is a directory; try the path of a CSV file with records");
  assert_int_equal(wn_csv_read("", &csv, &err), WN_ERR_USER);
  assert_int_equal(wn_csv_read("/dev/null", &csv, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "got nothing"));
}

// a pipe has no size beforehand
static void pipes_are_read_to_their_end(void **state) {
  (void)state;
  enum { ROWS = 50000 };
  unlink("pipe");
  assert_int_equal(mkfifo("pipe", 0600), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    FILE *out = fopen("pipe", "wb");
    if (!out) _exit(1);
    fputs("ID,TIME\n", out);
    for (int i = 0; i < ROWS; i++) fprintf(out, "%d,%d\n", i, 2 * i);
    _exit(fclose(out) != 0);
  }
  wn_csv csv;
  wn_error err = {0};
  if (wn_csv_read("pipe", &csv, &err)) fail_msg("%s", err.message);
  int ended;
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_int_equal(ended, 0);
  assert_int_equal(csv.n_row, ROWS);
  const char *field[2];
  wn_csv_fields(csv.row[ROWS - 1], 2, field);
  assert_string_equal(field[1], "99998");
  wn_csv_free(&csv);
  unlink("pipe");
}

static void out_of_memory_is_said(void **state) {
  (void)state;
  wn_csv csv;
  wn_error err = {0};
  put_file("in.csv", "a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n1,2,3,4,5,6,7,8,9\n");
  wn_status status = WN_ERR_MEMORY;
  int n = 0;
  for (; status && n < 100; n++) {
    wn_alloc_fail_after(n);
    status = wn_csv_read("in.csv", &csv, &err);
    wn_alloc_fail_after(-1);
    if (status) assert_int_equal(status, WN_ERR_MEMORY);
  }
  assert_int_equal(status, WN_OK);
  assert_true(n > 4);
  wn_csv_free(&csv);
}

// whatever the bytes are: rows of the header's length, or one line of words
static void spoiled_files_do_no_harm(void **state) {
  (void)state;
  static const char seed[] = "\xef\xbb\xbf# note\nID,\"TI\"\"ME\",c\r\n1,\"2,\n3\",4\n\n5, \"6\" ,\"\"\n# x\n7,8,9";
  uint64_t random = 20240229;
  int good = 0;
  for (int round = 0; round < 3000; round++) {
    char bytes[400];
    memcpy(bytes, seed, sizeof seed - 1);
    size_t n = spoil(bytes, sizeof seed - 1, sizeof bytes, &random);
    put_bytes("spoiled.csv", bytes, n);
    wn_csv csv;
    wn_error err = {0};
    wn_status status = wn_csv_read("spoiled.csv", &csv, &err);
    assert_true(status == WN_OK || (status == WN_ERR_USER && strncmp(err.message, "spoiled.csv:", 12) == 0));
    if (status) continue;
    good++;
    const char *field[MAX_COLUMN], *end = csv.text + n;
    for (int row = 0; row < csv.n_row; row++) {
      wn_csv_fields(csv.row[row], csv.n_column, field);
      for (int c = 0; c < csv.n_column; c++) assert_true(field[c] + strlen(field[c]) <= end);
      assert_true(row == 0 || csv.line[row] > csv.line[row - 1]);
    }
    wn_csv_free(&csv);
  }
  assert_in_range(good, 300, 2999);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(fields_and_rows),
      cmocka_unit_test(line_ends_of_any_kind),
      cmocka_unit_test(quotes),
      cmocka_unit_test(lines_that_are_no_rows),
      cmocka_unit_test(every_row_knows_its_line),
      cmocka_unit_test(rows_as_long_as_the_header),
      cmocka_unit_test(quotes_that_go_wrong),
      cmocka_unit_test(files_that_are_no_csv),
      cmocka_unit_test(files_that_are_not_text),
      cmocka_unit_test(pipes_are_read_to_their_end),
      cmocka_unit_test(out_of_memory_is_said),
      cmocka_unit_test(spoiled_files_do_no_harm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
