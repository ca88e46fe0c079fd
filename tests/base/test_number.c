// test_number.c - numbers as text and back: the same bits, the fewest digits, whatever the locale. What to compare with
// is the C library, which tries precision after precision.

#include "base/buffer.h"
#include "base/number.h"
#include "base/text.h"

#include <locale.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { N = 100000 };

// splitmix64: any bits
static uint64_t bits_at(uint64_t i) {
  uint64_t z = (i + 1) * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static bool same_bits(double a, double b) { return memcmp(&a, &b, sizeof a) == 0; }

static const char *text_of(double value) {
  static char text[WN_NUMBER_ROOM + 1];
  char *end = wn_number_put(text, value);
  assert_true(end - text <= 24);
  *end = '\0';
  return text;
}

// what printf needs to be read back; beside a power of two, fewer may do
static int digits_needed(double value) {
  char text[40];
  for (int digits = 1; digits < 17; digits++) {
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (same_bits(strtod(text, NULL), value)) return digits;
  }
  return 17;
}

// digits before the exponent, without zeros that only give the place
static int digits_of(const char *text) {
  int n = 0, zeros = 0;
  bool begun = false;
  for (; *text && *text != 'e'; text++) {
    if (*text < '0' || *text > '9') continue;
    begun |= *text != '0';
    if (begun) n++, zeros = *text == '0' ? zeros + 1 : 0;
  }
  return n - zeros;
}

static void check(double value) {
  const char *text = text_of(value);
  double back;
  if (!same_bits(strtod(text, NULL), value)) fail_msg("%a became %s", value, text);
  if (wn_number_get(text, text + strlen(text), &back) != text + strlen(text) || !same_bits(back, value))
    fail_msg("%s was read as %a instead of %a", text, back, value);
  if (value != 0 && digits_of(text) > digits_needed(value))
    fail_msg("%s has %d digits, %d would do", text, digits_of(text), digits_needed(value));
}

// any bits: sizes from the smallest to the largest
static void bits_come_back(void **state) {
  (void)state;
  for (uint64_t i = 0; i < N; i++) {
    const double value = from_bits(bits_at(i));
    if (isfinite(value)) check(value);
  }
}

// sizes that people write, of few digits and of all
static void ordinary_numbers_come_back(void **state) {
  (void)state;
  for (int i = 1; i < 30000; i++) check(i / 1000.0), check(100 * exp(-i * 1e-3)), check(i * 1e-7), check(i * 1e12);
}

static void extremes_come_back(void **state) {
  (void)state;
  const double values[] = {0,
                           -0.0,
                           5e-324,
                           2.2250738585072009e-308,
                           2.2250738585072014e-308,
                           1.7976931348623157e308,
                           9007199254740991,
                           9007199254740992,
                           9007199254740994,
                           1e15,
                           1e16,
                           1e22,
                           1e23,
                           1e-5,
                           9.5367431640625e-07,
                           2.9802322387695312e-8,
                           1.0 / 3,
                           0.1,
                           0.3,
                           123456789012345680};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) check(values[i]), check(-values[i]);
  for (int exponent = -1074; exponent < 1024; exponent++) {
    const double power = ldexp(1, exponent);
    check(power), check(nextafter(power, INFINITY)), check(nextafter(power, 0));
  }
}

static void forms(void **state) {
  (void)state;
  static const struct {
    double value;
    const char *text;
  } form[] = {{0, "0"},
              {-0.0, "-0"},
              {1, "1"},
              {-24, "-24"},
              {12.5, "12.5"},
              {100, "100"},
              {0.1, "0.1"},
              {0.0001, "0.0001"},
              {0.00012, "0.00012"},
              {0.00001, "1e-05"},
              {-1.5e-5, "-1.5e-05"},
              {1e14, "100000000000000"},
              {123456789012345, "123456789012345"},
              {1e15, "1e+15"},
              {1.5e15, "1.5e+15"},
              {1e100, "1e+100"},
              {5e-324, "5e-324"},
              {1.0 / 3, "0.3333333333333333"},
              {0.1 + 0.2, "0.30000000000000004"},
              {1.7976931348623157e308, "1.7976931348623157e+308"},
              {INFINITY, "inf"},
              {-INFINITY, "-inf"},
              {(double)NAN, "nan"}};
  for (size_t i = 0; i < sizeof form / sizeof *form; i++) assert_string_equal(text_of(form[i].value), form[i].text);
  // up to 15 digits, as printf writes them
  char wanted[40];
  for (int i = -3000; i < 3000; i += 7)
    for (int power = -20; power < 20; power++) {
      const double value = strtod((snprintf(wanted, sizeof wanted, "%de%d", i, power), wanted), NULL);
      snprintf(wanted, sizeof wanted, "%.15g", value);
      assert_string_equal(text_of(value), wanted);
    }
}

static void reading(void **state) {
  (void)state;
  static const char *const good[] = {"1",
                                     "+1",
                                     "-1",
                                     "1.",
                                     ".5",
                                     "-.5",
                                     "+.5e1",
                                     "1e5",
                                     "1E5",
                                     "1e+5",
                                     "1E-5",
                                     "007",
                                     "1e-400",
                                     "123456789012345678901234567890",
                                     "0.000000000000000000000000000001",
                                     "9007199254740993",
                                     "2.2250738585072011e-308",
                                     "4.9406564584124654e-324",
                                     "2e-324"};
  static const char *const bad[] = {"",       "+",   "-",   ".",   "e5",  "nan",   "inf",    "-inf", "infinity", "0x10",
                                    "-0X1p3", "+-1", "-+1", "--1", "++1", "1e999", "-1e999", " 1",   "NA"};
  static const struct {
    const char *text;
    int length;
  } part[] = {{"1e", 1}, {"1e+", 1}, {"1,5", 1}, {"1.5mg", 3}, {"1.5.2", 3}, {"7 8", 1}, {"1d5", 1}, {"1_0", 1}};
  double value;
  for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
    const char *end = good[i] + strlen(good[i]);
    if (wn_number_get(good[i], end, &value) != end) fail_msg("%s is a number", good[i]);
    if (!same_bits(value, strtod(good[i], NULL))) fail_msg("%s was read as %a", good[i], value);
  }
  for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
    if (wn_number_get(bad[i], bad[i] + strlen(bad[i]), &value)) fail_msg("\"%s\" is no number", bad[i]);
  for (size_t i = 0; i < sizeof part / sizeof *part; i++)
    assert_ptr_equal(wn_number_get(part[i].text, part[i].text + strlen(part[i].text), &value),
                     part[i].text + part[i].length);
  // not a character beyond the end
  const char *digits = "12345";
  assert_null(wn_number_get(digits, digits, &value));
  assert_ptr_equal(wn_number_get(digits, digits + 2, &value), digits + 2);
  assert_true(value == 12);
}

// halfway between two doubles and all that is near it, many digits long
static void reading_rounds_to_the_nearest(void **state) {
  (void)state;
  for (uint64_t i = 0; i < 20000; i++) {
    char text[64];
    double value;
    const uint64_t bits = bits_at(i);
    snprintf(text, sizeof text, "%llu.%llue%d", (unsigned long long)(bits >> 11) * 2 + 1,
             (unsigned long long)(bits & 7), (int)(bits % 580) - 290);
    assert_ptr_equal(wn_number_get(text, text + strlen(text), &value), text + strlen(text));
    if (!same_bits(value, strtod(text, NULL))) fail_msg("%s was read as %a", text, value);
  }
}

// where it is not installed it is made, in the test's own folder
static bool set_german(void) {
  if (setlocale(LC_ALL, "de_DE.UTF-8")) return true;
  char here[4096];
  if (!getcwd(here, sizeof here) || system("localedef -i de_DE -f UTF-8 ./de_DE.UTF-8 >locale.log 2>&1")) return false;
  setenv("LOCPATH", here, 1);
  return setlocale(LC_ALL, "de_DE.UTF-8") != NULL;
}

static void locale_does_not_matter(void **state) {
  (void)state;
  if (!set_german()) skip();
  char shown[16];
  snprintf(shown, sizeof shown, "%.1f", 1.5);
  assert_string_equal(shown, "1,5");
  double value = 0;
  assert_string_equal(text_of(1.5), "1.5");
  assert_true(wn_parse_number("2.25", &value) && value == 2.25);
  assert_false(wn_parse_number("2,25", &value));
  wn_buffer buffer = {0};
  wn_buffer_number(&buffer, -0.75);
  assert_int_equal(buffer.n, 5);
  assert_memory_equal(buffer.data, "-0.75", 5);
  wn_buffer_free(&buffer);
  setlocale(LC_ALL, "C");
}

static void whole_numbers(void **state) {
  (void)state;
  wn_buffer buffer = {0};
  static const long long values[] = {0, 7, -7, 10, 123456789, INT64_MAX, INT64_MIN};
  for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
    char wanted[32];
    const int length = snprintf(wanted, sizeof wanted, "%lld", values[i]);
    buffer.n = 0;
    wn_buffer_int(&buffer, values[i]);
    assert_int_equal(buffer.n, length);
    assert_memory_equal(buffer.data, wanted, buffer.n);
  }
  wn_buffer_free(&buffer);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bits_come_back),
      cmocka_unit_test(ordinary_numbers_come_back),
      cmocka_unit_test(extremes_come_back),
      cmocka_unit_test(forms),
      cmocka_unit_test(reading),
      cmocka_unit_test(reading_rounds_to_the_nearest),
      cmocka_unit_test(locale_does_not_matter),
      cmocka_unit_test(whole_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
