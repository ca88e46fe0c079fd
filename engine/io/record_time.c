// record_time.c - see record_time.h. Invariant: a date that is not in the calendar is refused; no time zone, no locale.

#include "io/record_time.h"

#include "base/text.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static bool is_leap(int year) { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0); }

static int days_of_month(int year, int month) {
  static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return days[month - 1] + (month == 2 && is_leap(year));
}

// days since 1 March of year 0 in the Gregorian calendar carried backward: with March as the first month the leap day
// is the last of its year, and the months' lengths follow one line (153 days in 5 months)
static double day_number(int year, int month, int day) {
  int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
  return 365.0 * y + floor(y / 4.0) - floor(y / 100.0) + floor(y / 400.0) + (153 * m + 2) / 5 + day - 1;
}

// three numbers of one to four digits, the same mark between them
static bool cut_date(const char *text, int part[3], int digits[3]) {
  char mark = 0;
  for (int k = 0; k < 3; k++) {
    part[k] = digits[k] = 0;
    for (; isdigit((unsigned char)*text) && digits[k] < 5; text++, digits[k]++) part[k] = 10 * part[k] + (*text - '0');
    if (digits[k] < 1 || digits[k] > 4) return false;
    if (k == 2) break;
    if (k == 0) mark = *text;
    if (*text != mark || (mark != '-' && mark != '/' && mark != '.')) return false;
    text++;
  }
  return *text == '\0';
}

const char *wn_parse_date(const char *text, wn_date_order order, wn_day *day) {
  static const char *const expected[] = {"a date month/day/year or year-month-day (day/month/year is column DAT1)",
                                         "a date day/month/year", "a date year-month-day", "a date year-day-month"};
  static const int place[][3] = {{2, 0, 1}, {2, 1, 0}, {0, 1, 2}, {0, 2, 1}};  // of year, month, day
  int part[3], digits[3];
  double number;
  if (wn_parse_number(text, &number) && number == floor(number) && fabs(number) < 1e6) {
    *day = (wn_day){.number = number};
    return NULL;
  }
  if (!cut_date(text, part, digits)) return expected[order];
  const int *at = place[order == WN_DATE_MDY && digits[0] == 4 ? WN_DATE_YMD : order];
  int year = part[at[0]], month = part[at[1]];
  if (digits[at[0]] <= 2) year += year <= 50 ? 2000 : 1900;
  if (digits[at[1]] > 2 || digits[at[2]] > 2 || month < 1 || month > 12) return expected[order];
  if (part[at[2]] < 1 || part[at[2]] > days_of_month(year, month)) return "a day that its month has";
  *day = (wn_day){.number = day_number(year, month, part[at[2]]), .calendar = true};
  return NULL;
}

bool wn_parse_time(const char *text, double *hours) {
  const char *first = strchr(text, ':'), *second = first ? strchr(first + 1, ':') : NULL;
  if (!first) return wn_parse_number(text, hours);
  if (!second) return wn_parse_clock(text, hours);
  char minutes[6];
  if (second - text > 5 || strlen(second) != 3 || !isdigit((unsigned char)second[1]) ||
      !isdigit((unsigned char)second[2]))
    return false;
  snprintf(minutes, sizeof minutes, "%.*s", (int)(second - text), text);
  int seconds = 10 * (second[1] - '0') + second[2] - '0';
  if (seconds > 59 || !wn_parse_clock(minutes, hours)) return false;
  *hours += seconds / 3600.0;
  return *hours <= 24;
}
