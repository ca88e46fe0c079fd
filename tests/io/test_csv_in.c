// test_csv_in.c - cutting CSV: what is one field, one row, one line, and the words for what is no CSV.

#include "io/files.h"

#include "base/memory.h"
#include "io/csv_in.h"

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>

enum { MAX_COLUMN = 64 };

// A file read to its end.
typedef struct table {
  wn_csv csv;
  wn_csv_rows rows;
} table;

static void table_free(table *t) {
  wn_csv_rows_free(&t->rows);
  wn_csv_close(&t->csv);
}

static wn_status read_table(const char *path, table *t, wn_error *err) {
  t->rows = (wn_csv_rows){0};
  wn_status status = wn_csv_open(path, &t->csv, err);
  if (!status) status = wn_csv_next(&t->csv, SIZE_MAX, -1, NULL, &t->rows, err);
  if (!status) assert_true(wn_csv_at_end(&t->csv));
  if (status) table_free(t);
  return status;
}

// "a|b/1|2/": fields end with | or, the last of a row, with /
static char *joined(const table *t) {
  static char text[4096];
  size_t used = 0;
  const int n = t->csv.n_column;
  const char *field[MAX_COLUMN];
  assert_true(n <= MAX_COLUMN);
  for (int row = -1; row < t->rows.n; row++) {
    if (row >= 0) wn_csv_fields(t->rows.row[row], n, field);
    for (int c = 0; c < n; c++) {
      const char *one = row < 0 ? t->csv.name[c] : field[c];
      used += (size_t)snprintf(text + used, sizeof text - used, "%s%c", one, c + 1 < n ? '|' : '/');
    }
  }
  return text;
}

static void expect_bytes(const char *bytes, size_t n, const char *want) {
  table t;
  wn_error err = {0};
  put_bytes("in.csv", bytes, n);
  if (read_table("in.csv", &t, &err)) fail_msg("%s", err.message);
  assert_string_equal(joined(&t), want);
  table_free(&t);
}

static void expect(const char *text, const char *want) { expect_bytes(text, strlen(text), want); }

static void expect_words(const char *text, const char *words) {
  table t;
  wn_error err = {0};
  put_file("in.csv", text);
  assert_int_equal(read_table("in.csv", &t, &err), WN_ERR_USER);
  assert_string_equal(err.message, words);
  assert_null(t.rows.text);
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
    table t;
    wn_error err = {0};
    put_file("in.csv", texts[i]);
    if (read_table("in.csv", &t, &err)) fail_msg("%s", err.message);
    assert_int_equal(t.rows.n, 3);
    assert_memory_equal(t.rows.line, ((const int[]){3, 6, 8}), 3 * sizeof(int));
    table_free(&t);
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
  expect_words("BZh9", "in.csv: expected CSV text, got compressed, but not by gzip; try unpacking it first");
  expect_words("\x1f\x8b\x08", "in.csv: expected text compressed by gzip, got a file that is cut short");
}

static void files_that_are_not_text(void **state) {
  (void)state;
  table t;
  wn_error err = {0};
  put_bytes("in.csv", "ID,TIME\n1,\0\n", 12);
  assert_int_equal(read_table("in.csv", &t, &err), WN_ERR_USER);
  assert_string_equal(err.message, "in.csv: expected CSV text, got a binary file; try saving it as CSV (UTF-8)");
  // a device without end ends at once
  assert_int_equal(read_table("/dev/zero", &t, &err), WN_ERR_USER);
  assert_string_equal(err.message, "/dev/zero: expected CSV text, got a binary file; try saving it as CSV (UTF-8)");
  assert_int_equal(read_table("not_there.csv", &t, &err), WN_ERR_USER);
  assert_string_equal(err.message,
                      "not_there.csv: cannot read: No such file or directory; try the path of a CSV file with "
                      "records");
  assert_int_equal(read_table(".", &t, &err), WN_ERR_USER);
  assert_string_equal(err.message, ".: cannot read: Is a directory; try the path of a CSV file with records");
  assert_int_equal(read_table("", &t, &err), WN_ERR_USER);
  assert_int_equal(read_table("/dev/null", &t, &err), WN_ERR_USER);
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
  table t;
  wn_error err = {0};
  if (read_table("pipe", &t, &err)) fail_msg("%s", err.message);
  int ended;
  assert_int_equal(waitpid(child, &ended, 0), child);
  assert_int_equal(ended, 0);
  assert_int_equal(t.rows.n, ROWS);
  const char *field[2];
  wn_csv_fields(t.rows.row[ROWS - 1], 2, field);
  assert_string_equal(field[1], "99998");
  table_free(&t);
  unlink("pipe");
}

static void out_of_memory_is_said(void **state) {
  (void)state;
  table t;
  wn_error err = {0};
  put_file("in.csv", "a,b,c,d,e,f,g,h,i\n1,2,3,4,5,6,7,8,9\n1,2,3,4,5,6,7,8,9\n");
  wn_status status = WN_ERR_MEMORY;
  int n = 0;
  for (; status && n < 100; n++) {
    wn_alloc_fail_after(n);
    status = read_table("in.csv", &t, &err);
    wn_alloc_fail_after(-1);
    if (status) assert_int_equal(status, WN_ERR_MEMORY);
  }
  assert_int_equal(status, WN_OK);
  assert_true(n > 4);
  table_free(&t);
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
    table t;
    wn_error err = {0};
    wn_status status = read_table("spoiled.csv", &t, &err);
    assert_true(status == WN_OK || (status == WN_ERR_USER && strncmp(err.message, "spoiled.csv:", 12) == 0));
    if (status) continue;
    good++;
    const char *field[MAX_COLUMN], *end = t.rows.text + n;
    for (int row = 0; row < t.rows.n; row++) {
      wn_csv_fields(t.rows.row[row], t.csv.n_column, field);
      for (int c = 0; c < t.csv.n_column; c++) assert_true(field[c] + strlen(field[c]) <= end);
      assert_true(row == 0 || t.rows.line[row] > t.rows.line[row - 1]);
    }
    table_free(&t);
  }
  assert_in_range(good, 300, 2999);
}

// wherever a window ends: in a quote, between \r and \n, in a comment, in a row longer than it
static void windows_do_not_show(void **state) {
  (void)state;
  enum { ROWS = 3000, LONG = 700000 };
  FILE *out = fopen("long.csv", "wb");
  assert_non_null(out);
  fputs("ID,\"te\"\"xt\"\r\n", out);
  for (int i = 0; i < ROWS; i++) {
    fprintf(out, "%d,\"%*s,\r\n\"\"%d\"\r\n", i, i % 601, "x", i);
    if (i % 500 == 0) fprintf(out, "#%*s\r\n", LONG / 2, "y");
  }
  fprintf(out, "%d,\"%*s\"", ROWS, LONG, "z");
  fclose(out);
  table t;
  wn_error err = {0};
  if (read_table("long.csv", &t, &err)) fail_msg("%s", err.message);
  assert_string_equal(t.csv.name[1], "te\"xt");
  assert_int_equal(t.rows.n, ROWS + 1);
  int line = 2;
  for (int i = 0; i < ROWS; i++) {
    const char *field[2];
    char want[700];
    wn_csv_fields(t.rows.row[i], 2, field);
    assert_int_equal(atoi(field[0]), i);
    snprintf(want, sizeof want, "%*s,\r\n\"%d", i % 601, "x", i);
    assert_string_equal(field[1], want);
    assert_int_equal(t.rows.line[i], line);
    line += 2 + (i % 500 == 0);
  }
  assert_int_equal(strlen(t.rows.row[ROWS] + strlen("3000,")), LONG);
  table_free(&t);
  unlink("long.csv");
}

static bool same_text(const char *a, const char *b) { return strcmp(a, b) == 0; }

// parts end where the key does, hold what the whole holds, and know their lines
static void parts_make_up_the_whole(void **state) {
  (void)state;
  put_file("in.csv", "x,ID\n1,a\n2,a\n\n3,b\n4,b\n# c\n5,b\n6,c\n7,a\n8,\"d\"\n9,d");
  static const int whole[] = {2, 5, 6, 7, 9}, lines[] = {2, 3, 5, 6, 8, 9, 10, 11, 12};
  for (size_t size = 1; size < 60; size++) {
    wn_csv csv;
    wn_csv_rows rows;
    wn_error err = {0};
    int n = 0;
    bool ends = false;
    if (wn_csv_open("in.csv", &csv, &err)) fail_msg("%s", err.message);
    for (;;) {
      if (wn_csv_next(&csv, size, 1, same_text, &rows, &err)) fail_msg("%s", err.message);
      if (!rows.n) break;
      assert_false(ends);
      for (int i = 0; i < rows.n; i++, n++) {
        assert_int_equal(rows.line[i], lines[n]);
        assert_int_equal(atoi(rows.row[i]), n + 1);
        assert_int_equal(rows.length[i], n == 7 ? 0 : 3);
      }
      bool at_key = false;
      for (int i = 0; i < 5; i++) at_key |= n == whole[i];
      assert_true(at_key);
      if (size == 1) assert_true(n == 9 || rows.n < 4);
      ends = wn_csv_at_end(&csv);
      wn_csv_rows_free(&rows);
    }
    wn_csv_rows_free(&rows);
    assert_true(ends);
    assert_int_equal(n, 9);
    wn_csv_close(&csv);
  }
}

static size_t pack(const char *text, char *packed, size_t room) {
  gzFile out = gzopen("in.csv.gz", "wb");
  assert_non_null(out);
  assert_int_equal(gzwrite(out, text, (unsigned)strlen(text)), strlen(text));
  assert_int_equal(gzclose(out), Z_OK);
  FILE *in = fopen("in.csv.gz", "rb");
  assert_non_null(in);
  size_t n = fread(packed, 1, room, in);
  fclose(in);
  return n;
}

// one member or several, whatever the file is called; what is cut or changed is refused
static void compressed_files(void **state) {
  (void)state;
  char one[400], two[400];
  size_t n = pack("a,b\n1,2\n3", one, sizeof one), more = pack(",4\n5,6", two, sizeof two);
  memcpy(one + n, two, more);
  expect_bytes(one, n + more, "a|b/1|2/3|4/5|6/");
  n = pack("a,b\n1,2\n", one, sizeof one);
  expect_bytes(one, n, "a|b/1|2/");
  for (size_t cut = 2; cut < n; cut++) {
    table t;
    wn_error err = {0};
    put_bytes("in.csv", one, cut);
    assert_int_equal(read_table("in.csv", &t, &err), WN_ERR_USER);
    if (cut > 10)
      assert_string_equal(err.message, "in.csv: expected text compressed by gzip, got a file that is cut short");
  }
  for (size_t at = 10; at < n; at++) {
    table t;
    wn_error err = {0};
    one[at] = (char)(one[at] ^ 0x55);
    put_bytes("in.csv", one, n);
    one[at] = (char)(one[at] ^ 0x55);
    assert_int_equal(read_table("in.csv", &t, &err), WN_ERR_USER);
  }
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
      cmocka_unit_test(windows_do_not_show),
      cmocka_unit_test(parts_make_up_the_whole),
      cmocka_unit_test(compressed_files),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
