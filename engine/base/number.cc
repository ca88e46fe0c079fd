// number.cc - see number.h. C++ because the libraries are: Dragonbox finds the shortest digits, fast_float reads them.
// Both are headers only, and nothing here needs C++ at run time.

#include "base/number.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <dragonbox/dragonbox.h>
#include <fast_float/fast_float.h>

namespace {

constexpr int MAX_DIGIT = 20, PLAIN_FROM = -4, PLAIN_TO = 15;  // exponents written plainly

struct pair_table {
  char at[200];
};

constexpr pair_table make_pairs() {
  pair_table table{};
  for (int i = 0; i < 100; i++) {
    table.at[2 * i] = static_cast<char>('0' + i / 10);
    table.at[2 * i + 1] = static_cast<char>('0' + i % 10);
  }
  return table;
}

constexpr pair_table PAIRS = make_pairs();

void put_pair(char *to, std::uint32_t value) { std::memcpy(to, PAIRS.at + 2 * value, 2); }

void put_eight(char *to, std::uint32_t value) {
  const std::uint32_t high = value / 10000, low = value % 10000;
  put_pair(to, high / 100);
  put_pair(to + 2, high % 100);
  put_pair(to + 4, low / 100);
  put_pair(to + 6, low % 100);
}

// the digits of a number above 0, ending at `end`; returns where they begin
char *put_digits(char *end, std::uint64_t value) {
  for (; value >= 100000000; value /= 100000000) put_eight(end -= 8, static_cast<std::uint32_t>(value % 100000000));
  auto rest = static_cast<std::uint32_t>(value);
  for (; rest >= 100; rest /= 100) put_pair(end -= 2, rest % 100);
  if (rest >= 10)
    put_pair(end -= 2, rest);
  else
    *--end = static_cast<char>('0' + rest);
  return end;
}

char *put_word(char *to, const char *word) {
  const std::size_t n = std::strlen(word);
  std::memcpy(to, word, n);
  return to + n;
}

// n digits with the point after the first `whole` of them; copies are longer than need be, for their length is fixed
char *put_plain(char *to, const char *digit, int n, int whole) {
  if (whole <= 0) {
    std::memcpy(to, "0.0000", 6);
    std::memcpy(to + 2 - whole, digit, MAX_DIGIT);
    return to + 2 - whole + n;
  }
  std::memcpy(to, digit, MAX_DIGIT);
  if (whole < n) {
    to[whole] = '.';
    std::memcpy(to + whole + 1, digit + whole, MAX_DIGIT);
    return to + n + 1;
  }
  std::memset(to + n, '0', MAX_DIGIT);
  return to + whole;
}

char *put_scientific(char *to, const char *digit, int n, int exponent) {
  *to++ = digit[0];
  if (n > 1) {
    *to++ = '.';
    std::memcpy(to, digit + 1, MAX_DIGIT);
    to += n - 1;
  }
  *to++ = 'e';
  *to++ = exponent < 0 ? '-' : '+';
  const auto size = static_cast<std::uint32_t>(exponent < 0 ? -exponent : exponent);
  if (size >= 100) *to++ = static_cast<char>('0' + size / 100);
  put_pair(to, size % 100);
  return to + 2;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

char *wn_number_put(char *to, double value) {
  if (std::signbit(value)) *to++ = '-';
  if (std::isnan(value)) return put_word(to, "nan");
  if (std::isinf(value)) return put_word(to, "inf");
  if (value == 0) return put_word(to, "0");
  const auto decimal = jkj::dragonbox::to_decimal(value, jkj::dragonbox::policy::sign::ignore);
  // room behind the digits: what copies them takes MAX_DIGIT from anywhere
  char buffer[3 * MAX_DIGIT], *end = buffer + MAX_DIGIT;
  const char *digit = put_digits(end, decimal.significand);
  std::memset(end, '0', MAX_DIGIT);
  const int n = static_cast<int>(end - digit), whole = n + decimal.exponent;
  if (whole > PLAIN_FROM && whole <= PLAIN_TO) return put_plain(to, digit, n, whole);
  return put_scientific(to, digit, n, whole - 1);
}

const char *wn_number_get(const char *text, const char *end, double *value) {
  const char *from = text;
  if (from < end && *from == '+') from++;
  const char *first = from + (from == text && from < end && *from == '-');
  if (first >= end || !(is_digit(*first) || *first == '.')) return nullptr;
  if (first + 1 < end && first[0] == '0' && (first[1] == 'x' || first[1] == 'X')) return nullptr;
  // whole numbers, of which data sets are full
  std::uint64_t whole = 0;
  const char *c = first;
  for (; c < end && is_digit(*c) && c - first < 15; c++) whole = whole * 10 + static_cast<std::uint64_t>(*c - '0');
  if (c == end || !(is_digit(*c) || *c == '.' || *c == 'e' || *c == 'E')) {
    *value = first > from ? -static_cast<double>(whole) : static_cast<double>(whole);
    return c;
  }
  const auto answer = fast_float::from_chars(from, end, *value);
  return answer.ptr == from || !std::isfinite(*value) || answer.ec == std::errc::invalid_argument ? nullptr
                                                                                                  : answer.ptr;
}
