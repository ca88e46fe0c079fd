// test_io.c - files and pictures of a made-up result: what is written reads back, nothing half-written stays behind.

#include "io/io.h"

#include <dirent.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cmocka.h>

enum { N_TIME = 193, N_COLUMN = 3 };

// two arms over two days: one state, two outputs, one window each
static wn_state states[] = {{.name = "CENT", .unit = "nmol"}};
static wn_output outputs[] = {{.name = "C", .unit = "ng/mL", .meaning = "plasma"}, {.name = "mor", .unit = "1"}};
static const wn_model model = {.name = "made_up",
                               .caption = "Nothing here is known.",
                               .n_state = 1,
                               .state = states,
                               .n_output = 2,
                               .output = outputs};
static wn_window_def window_defs[] = {{.name = "blockade", .output = 1, .above = 1, .threshold = 0.5},
                                      {.name = "low", .output = 1, .above = 0, .threshold = 0.1}};
static wn_dose doses[] = {{.time = 22, .amount = 4.5, .ii = 24, .addl = 1}};
static wn_arm arms[] = {{.name = "low", .label = "4.5 mg at 22:00", .doses = {.data = doses, .n = 1}},
                        {.name = "high, \"all\"", .label = "50 mg at 22:00", .doses = {.data = doses, .n = 1}}};
static int watch[] = {0, 1};
static const wn_scenario scenario = {.model = &model,
                                     .name = "made_up",
                                     .title = "Made up: two arms",
                                     .n_arm = 2,
                                     .arm = arms,
                                     .n_watch = 2,
                                     .watch = watch,
                                     .n_window = 2,
                                     .window = window_defs,
                                     .t_end = 48,
                                     .every = 0.25,
                                     .night_from = 23,
                                     .night_to = 7,
                                     .plot_from = 0,
                                     .plot_to = 48};
static wn_series series[] = {{.arm = 0, .subject = 1, .n_day = 1}, {.arm = 1, .subject = 1, .n_day = 1}};
static double times[N_TIME], values[2 * N_COLUMN * N_TIME];
static wn_window windows[] = {{.series = 0, .window = 0, .start = 22.4, .end = 26.5, .peak = 0.7, .peak_time = 23},
                              {.series = 0, .window = 0, .start = 46.4, .end = 48, .open_end = true},
                              {.series = 0, .window = 1, .start = 0, .end = 22.2, .open_start = true},
                              {.series = 1, .window = 0, .start = 22.1, .end = 48, .open_end = true}};
static wn_metric metrics[] = {
    {.series = 0, .quantity = "cmax", .of = "C", .value = 0.1 + 0.2, .unit = "ng/mL", .clock = 22.75, .day = 0},
    {.series = 0, .quantity = "hours_per_day", .of = "blockade", .value = 4.1, .unit = "h", .clock = NAN, .day = 1},
    {.series = 1, .quantity = "t_half", .of = "C", .value = NAN, .unit = "h", .clock = NAN, .day = 0}};

static wn_result made_up(void) {
  for (int k = 0; k < N_TIME; k++) {
    times[k] = 0.25 * k;
    for (int s = 0; s < 2; s++) {
      double since = fmod(times[k] + 2, 24), given = times[k] >= 22;
      double c = given * (s ? 10 : 0.9) * (exp(-0.2 * since) - exp(-2 * since));
      double *column = values + s * N_COLUMN * N_TIME + k;
      column[0] = c * 130, column[N_TIME] = c, column[2 * N_TIME] = c / (c + 0.4);
    }
  }
  return (wn_result){.scenario = &scenario,
                     .n_series = 2,
                     .series = series,
                     .kept = WN_KEEP_ALL,
                     .n_time = N_TIME,
                     .n_column = N_COLUMN,
                     .time = times,
                     .value = values,
                     .windows = {.data = windows, .n = 4},
                     .metrics = {.data = metrics, .n = 3},
                     .solver = "bdf"};
}

static char *slurp(const char *path, size_t *size) {
  FILE *in = fopen(path, "rb");
  assert_non_null(in);
  char *text = calloc(1, 1 << 22);
  *size = fread(text, 1, (1 << 22) - 1, in);
  fclose(in);
  return text;
}

static int files_here(void) {
  DIR *here = opendir(".");
  int n = 0;
  while (readdir(here)) n++;
  closedir(here);
  return n;
}

static void test_csv(void **state) {
  (void)state;
  wn_result r = made_up();
  wn_error err = {0};
  assert_int_equal(wn_write_trajectories_csv(&r, "curves.csv", "run made_up", 1, &err), WN_OK);
  size_t size;
  char *text = slurp("curves.csv", &size), *line = text;
  int rows = 0;
  bool head = false;
  for (char *next; *line; line = next) {
    next = strchr(line, '\n');
    *next++ = '\0';
    if (*line == '#') continue;
    if (!head) {
      assert_string_equal(line, "arm,subject,time,clock,CENT,C,mor");
      head = true;
      continue;
    }
    double t, v[3];
    char clock[8];
    int s = rows / N_TIME, k = rows % N_TIME;
    const char *after = s ? line + strlen("\"high, \"\"all\"\"\"") : line + 3;
    if (s) assert_memory_equal(line, "\"high, \"\"all\"\"\",", 16);
    assert_int_equal(sscanf(after, ",1,%lf,%5[0-9:],%lf,%lf,%lf", &t, clock, &v[0], &v[1], &v[2]), 5);
    assert_true(t == times[k]);
    for (int c = 0; c < N_COLUMN; c++) {
      double expected = values[(s * N_COLUMN + c) * N_TIME + k];
      assert_true(fabs(v[c] - expected) <= 1e-14 * fabs(expected));
    }
    rows++;
  }
  assert_int_equal(rows, 2 * N_TIME);
  free(text);
}

static void test_summary(void **state) {
  (void)state;
  wn_result r = made_up();
  wn_error err = {0};
  assert_int_equal(wn_write_summary(&r, "s.csv", 1, &err), WN_OK);
  size_t size;
  char *text = slurp("s.csv", &size);
  assert_string_equal(text, "arm,subject,quantity,of,value,unit,clock,day\n"
                            "low,1,cmax,C,0.30000000000000004,ng/mL,22:45,\n"
                            "low,1,hours_per_day,blockade,4.1,h,,1\n"
                            "\"high, \"\"all\"\"\",1,t_half,C,,h,,\n");
  free(text);
  assert_int_equal(wn_write_summary(&r, "s.json", 1, &err), WN_OK);
  json_error_t where;
  json_t *rows = json_load_file("s.json", 0, &where);
  assert_int_equal(json_array_size(rows), 3);
  json_t *row = json_array_get(rows, 0);
  assert_string_equal(json_string_value(json_object_get(row, "arm")), "low");
  assert_string_equal(json_string_value(json_object_get(row, "clock")), "22:45");
  assert_true(fabs(json_real_value(json_object_get(row, "value")) - 0.3) < 1e-15);
  assert_true(json_is_null(json_object_get(row, "day")));
  assert_true(json_is_null(json_object_get(json_array_get(rows, 2), "value")));
  json_decref(rows);
  assert_int_equal(wn_write_summary(&r, "s.xlsx", 1, &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, "expected a file ending in .csv, .csv.gz or .json, got \"s.xlsx\""));
}

static void test_pictures(void **state) {
  (void)state;
  wn_result r = made_up();
  wn_error err = {0};
  static const struct {
    const char *path, *magic;
  } kinds[] = {{"p.svg", "<?xml"}, {"p.png", "\x89PNG"}, {"p.pdf", "%PDF"}};
  for (size_t i = 0; i < 3; i++) {
    assert_int_equal(wn_plot(&r, kinds[i].path, &err), WN_OK);
    size_t size;
    char *text = slurp(kinds[i].path, &size);
    assert_memory_equal(text, kinds[i].magic, strlen(kinds[i].magic));
    assert_true(size > 5000);
    free(text);
  }
  assert_int_equal(wn_plot(&r, "p.gif", &err), WN_ERR_USER);
  assert_non_null(strstr(err.message, ".svg, .png or .pdf, got \"p.gif\""));
}

// nothing may be left of a file that could not be written whole
static void test_cannot_write(void **state) {
  (void)state;
  wn_result r = made_up();
  wn_error err = {0};
  int before = files_here();
  assert_int_equal(wn_write_trajectories_csv(&r, "no/such/place.csv", "x", 1, &err), WN_ERR_IO);
  assert_string_equal(err.message, "no/such/place.csv: cannot write: No such file or directory");
  assert_int_equal(wn_plot(&r, "no/such/place.png", &err), WN_ERR_IO);
  assert_int_equal(wn_write_trajectories_csv(&r, "/dev/full", "x", 1, &err), WN_ERR_IO);
  assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");
  // a limit on file size stands in for a full disk
  struct rlimit old, small;
  getrlimit(RLIMIT_FSIZE, &old);
  small = old, small.rlim_cur = 4096;
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  wn_status csv = wn_write_trajectories_csv(&r, "big.csv", "x", 1, &err);
  wn_status png = wn_plot(&r, "big.png", &err), svg = wn_plot(&r, "big.svg", &err);
  setrlimit(RLIMIT_FSIZE, &old);
  assert_int_equal(csv, WN_ERR_IO);
  assert_true(png && svg);
  assert_int_equal(files_here(), before);
}

// an existing file stays as it was until the new one is whole
static void test_replaced_whole(void **state) {
  (void)state;
  wn_error err = {0};
  wn_outfile file;
  assert_int_equal(wn_outfile_open(&file, "kept.txt", &err), WN_OK);
  fputs("first", file.stream);
  assert_int_equal(wn_outfile_commit(&file, &err), WN_OK);
  assert_int_equal(wn_outfile_open(&file, "kept.txt", &err), WN_OK);
  fputs("second", file.stream);
  wn_outfile_abandon(&file);
  size_t size;
  char *text = slurp("kept.txt", &size);
  assert_string_equal(text, "first");
  free(text);
  struct stat about;
  mode_t mask = umask(0);
  umask(mask);
  assert_int_equal(stat("kept.txt", &about), 0);
  assert_int_equal(about.st_mode & 0777, 0666 & ~mask);
}

static void test_memory(void **state) {
  (void)state;
  wn_result r = made_up();
  wn_status status = WN_ERR_MEMORY;
  long n = 0;
  for (const int before = files_here(); status && n < 50; n++) {
    wn_error err = {0};
    wn_alloc_fail_after(n);
    status = wn_write_trajectories_csv(&r, "memory.csv.gz", "x", 2, &err);
    wn_alloc_fail_after(-1);
    assert_int_equal(status, status ? WN_ERR_MEMORY : WN_OK);
    assert_int_equal(files_here(), before + !status);
  }
  assert_int_equal(status, WN_OK);
  assert_true(n > 5);
  unlink("memory.csv.gz");
}

static char *unpacked(const char *path, size_t *size) {
  gzFile in = gzopen(path, "rb");
  assert_non_null(in);
  char *text = calloc(1, 1 << 22);
  const int n = gzread(in, text, (1 << 22) - 1);
  assert_true(n >= 0);
  *size = (size_t)n;
  assert_int_equal(gzclose(in), Z_OK);
  return text;
}

// a result of many blocks: the same bytes by any number of threads, and compressed the same text
static void test_blocks(void **state) {
  (void)state;
  enum { N_LONG = 9001 };
  wn_result r = made_up();
  wn_error err = {0};
  r.n_time = N_LONG;
  r.time = calloc(N_LONG, sizeof *r.time);
  r.value = calloc((size_t)r.n_series * (size_t)r.n_column * N_LONG, sizeof *r.value);
  for (int k = 0; k < N_LONG; k++) r.time[k] = k / 16.0;
  for (int i = 0; i < r.n_series * r.n_column * N_LONG; i++) r.value[i] = i % 97 ? sin(i) : NAN;
  size_t size, other;
  assert_int_equal(wn_write_trajectories_csv(&r, "one.csv", "x", 1, &err), WN_OK);
  assert_int_equal(wn_write_trajectories_csv(&r, "one.csv.gz", "x", 1, &err), WN_OK);
  char *text = slurp("one.csv", &size), *packed = slurp("one.csv.gz", &other), *again = NULL;
  assert_true(size > 600000 && other < size * 2 / 3);
  again = unpacked("one.csv.gz", &other);
  assert_int_equal(other, size);
  assert_memory_equal(text, again, size);
  free(again);
  for (int n_thread = 2; n_thread < 6; n_thread++) {
    assert_int_equal(wn_write_trajectories_csv(&r, "many.csv", "x", n_thread, &err), WN_OK);
    assert_int_equal(wn_write_trajectories_csv(&r, "many.csv.gz", "x", n_thread, &err), WN_OK);
    again = slurp("many.csv", &other);
    assert_int_equal(other, size);
    assert_memory_equal(text, again, size);
    free(again);
    again = slurp("many.csv.gz", &other);
    assert_memory_equal(packed, again, other);
    free(again);
  }
  // all rows, in order
  int rows = 0;
  for (char *line = strstr(text, "\narm,") + 1; (line = strchr(line, '\n') + 1)[0];) {
    const int s = rows / N_LONG, k = rows % N_LONG;
    line += s ? strlen("\"high, \"\"all\"\"\"") : 3;
    assert_int_equal(strtol(line + 1, &line, 10), r.series[s].subject);
    assert_true(strtod(line + 1, &line) == r.time[k]);
    line += 6;
    for (int c = 0; c < r.n_column; c++) {
      const double want = r.value[(s * r.n_column + c) * N_LONG + k];
      assert_int_equal(*line++, ',');
      assert_true(isnan(want) ? *line == ',' || *line == '\n' : strtod(line, &line) == want);
    }
    rows++;
  }
  assert_int_equal(rows, r.n_series * N_LONG);
  free(text), free(packed), free(r.time), free(r.value);
}

static wn_status fail_late(void *context, int64_t first, int64_t n, wn_buffer *text, wn_error *err) {
  (void)context, (void)n;
  wn_buffer_int(text, first);
  return first >= 70 ? wn_fail(err, WN_ERR_RUN, "block %d", (int)first) : WN_OK;
}

// the first block that fails is the one that is told, whoever came to it first
static void test_blocks_that_fail(void **state) {
  (void)state;
  for (int n_thread = 1; n_thread < 5; n_thread++) {
    wn_error err = {0};
    wn_outfile file;
    assert_int_equal(wn_outfile_open(&file, "late.csv", &err), WN_OK);
    assert_int_equal(wn_outfile_rows(&file, 1000, 10, fail_late, NULL, n_thread, &err), WN_ERR_RUN);
    assert_string_equal(err.message, "block 70");
    wn_outfile_abandon(&file);
    assert_int_equal(access("late.csv", F_OK), -1);
  }
}

// what is held back is not seen before release, in a pipe or a stream of somebody else
static void test_held(void **state) {
  (void)state;
  wn_error err = {0};
  FILE *ours = fopen("ours.txt", "w+");
  assert_non_null(ours);
  wn_outfile file = {.stream = ours};
  for (int round = 0; round < 2; round++) {
    assert_int_equal(wn_outfile_hold(&file, &err), WN_OK);
    wn_buffer text = {0};
    wn_buffer_add(&text, "held");
    assert_int_equal(wn_outfile_put(&file, &text, &err), WN_OK);
    fflush(ours);
    assert_int_equal(ftell(ours), 0);
    if (round == 0)
      wn_outfile_abandon(&file);
    else
      assert_int_equal(wn_outfile_release(&file, &err), WN_OK);
    assert_ptr_equal(file.stream, ours);
  }
  assert_int_equal(ftell(ours), 4);
  fclose(ours);
  assert_int_equal(wn_outfile_open(&file, "/dev/full", &err), WN_OK);
  assert_int_equal(wn_outfile_hold(&file, &err), WN_OK);
  fputs("held", file.stream);
  assert_int_equal(wn_outfile_commit(&file, &err), WN_ERR_IO);
  assert_string_equal(err.message, "/dev/full: cannot write: No space left on device");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_csv),          cmocka_unit_test(test_summary),          cmocka_unit_test(test_pictures),
      cmocka_unit_test(test_cannot_write), cmocka_unit_test(test_replaced_whole),   cmocka_unit_test(test_memory),
      cmocka_unit_test(test_blocks),       cmocka_unit_test(test_blocks_that_fail), cmocka_unit_test(test_held),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
