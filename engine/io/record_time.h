// record_time.h - dates and times of day as data sets write them. Private to io/.
#ifndef WN_IO_RECORD_TIME_H
#define WN_IO_RECORD_TIME_H

#include <stdbool.h>

// The order of a date's parts, by the name of its column.
typedef enum wn_date_order {
  WN_DATE_MDY,  // DATE
  WN_DATE_DMY,  // DAT1
  WN_DATE_YMD,  // DAT2
  WN_DATE_YDM,  // DAT3
} wn_date_order;

typedef struct wn_day {
  double number;  // days since an arbitrary day
  bool calendar;  // a date of the calendar, not a day number
} wn_day;

// Parse a date of three parts between - / or . ("3/31/2024", "2024-03-31") or a bare day number ("0", "-1", "12").
// A date of WN_DATE_MDY that begins with a year of four digits is year-month-day. Years of one or two digits are
// 1951 to 2050, as with NONMEM's LAST20 = 50. Returns NULL, or what was expected.
const char *wn_parse_date(const char *text, wn_date_order order, wn_day *day);

// Parse hours ("8.5", any sign) or a time of day from 0:00 to 24:00 ("8:30", "08:30", "8:30:15").
bool wn_parse_time(const char *text, double *hours);

#endif
