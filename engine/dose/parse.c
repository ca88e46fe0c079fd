// parse.c - a dose on the command line: "4.5 mg into GUT at 22:00 every 24h for 28d over 2h". A number with a
// unit may be written together or apart; every clause but the amount may be left out, in any order.

#include "base/text.h"
#include "base/units.h"
#include "dose/schedule.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { MAX_WORD = 48, MAX_WORDS = 24 };

typedef struct sentence {
  const char *text;
  char word[MAX_WORDS][MAX_WORD];
  int n, at;
} sentence;

static wn_status split(sentence *s, wn_error *err) {
  const char *c = s->text;
  while (*c) {
    while (isspace((unsigned char)*c)) c++;
    size_t length = strcspn(c, " \t\r\n");
    if (!length) break;
    if (length >= MAX_WORD || s->n == MAX_WORDS)
      return wn_fail(err, WN_ERR_USER,
                     "--dose: too long; expected e.g. \"4.5 mg into GUT at 22:00 every 24h for 28d\", got \"%.60s\"",
                     s->text);
    memcpy(s->word[s->n], c, length);
    s->word[s->n++][length] = '\0';
    c += length;
  }
  return WN_OK;
}

static bool is_keyword(const char *word) {
  static const char *const keywords[] = {"into", "at", "every", "for", "over"};
  for (size_t i = 0; i < sizeof keywords / sizeof *keywords; i++)
    if (strcmp(word, keywords[i]) == 0) return true;
  return false;
}

// the words up to the next keyword, joined without blanks: "24 h" is "24h"
static void take(sentence *s, char out[2 * MAX_WORD]) {
  out[0] = '\0';
  while (s->at < s->n && !is_keyword(s->word[s->at])) {
    strncat(out, s->word[s->at++], 2 * MAX_WORD - 1 - strlen(out));
  }
}

static wn_status take_duration(sentence *s, const char *clause, double *hours, wn_error *err) {
  char text[2 * MAX_WORD];
  take(s, text);
  if (wn_parse_duration(text, hours) && *hours > 0) return WN_OK;
  return wn_fail(err, WN_ERR_USER,
                 "--dose \"%.80s\": after \"%s\": expected a time above 0 like 24h or 14d, got \"%s\"", s->text, clause,
                 text);
}

static wn_status take_amount(sentence *s, const char **unit, char text[2 * MAX_WORD], double *amount, wn_error *err) {
  take(s, text);
  size_t n = strspn(text, "+-.0123456789eE");
  // "5e" of "5eggs" is not part of the number
  while (n && (text[n - 1] == 'e' || text[n - 1] == 'E')) n--;
  char number[2 * MAX_WORD];
  memcpy(number, text, n);
  number[n] = '\0';
  *unit = text + n;
  if (!wn_parse_number(number, amount))
    return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": expected an amount first, like 4.5 mg, got \"%s\"", s->text,
                   text);
  if (*amount < 0)
    return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": amount: expected 0 or more, got %g", s->text, *amount);
  return WN_OK;
}

// what one `unit` is in the route's unit
static wn_status unit_factor(const wn_route *route, const char *text, const char *unit, double *factor, wn_error *err) {
  *factor = 1;
  if (!*unit || strcmp(unit, route->unit) == 0) return WN_OK;
  wn_units *units = wn_units_create(err);
  if (!units) return err ? err->status : WN_ERR_MEMORY;
  wn_error ignored;
  const wn_unit *from = wn_unit_parse(units, unit, &ignored), *to = wn_unit_parse(units, route->unit, &ignored);
  bool fits = from && to && wn_unit_same_dimension(from, to);
  if (fits) *factor = wn_unit_factor(from, to);
  wn_units_destroy(units);
  if (fits) return WN_OK;
  return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": unit of a dose into %s: expected %s, got \"%s\"", text,
                 route->name, route->unit, unit);
}

static wn_status take_at(sentence *s, double *time, wn_error *err) {
  char text[2 * MAX_WORD];
  take(s, text);
  if (wn_parse_clock(text, time) || wn_parse_duration(text, time)) return WN_OK;
  return wn_fail(err, WN_ERR_USER,
                 "--dose \"%.80s\": after \"at\": expected a clock time like 22:00 or hours, got \"%s\"", s->text,
                 text);
}

// the clauses after the amount; `length` is the "for" clause
static wn_status take_clauses(const wn_model *model, sentence *s, wn_dose *dose, double *length, wn_error *err) {
  while (s->at < s->n) {
    const char *clause = s->word[s->at++];
    char text[2 * MAX_WORD];
    if (strcmp(clause, "into") == 0) {
      take(s, text);
      WN_TRY(wn_model_require_route(model, text, &dose->route, err));
    } else if (strcmp(clause, "at") == 0) {
      WN_TRY(take_at(s, &dose->time, err));
    } else if (strcmp(clause, "every") == 0) {
      WN_TRY(take_duration(s, clause, &dose->ii, err));
    } else if (strcmp(clause, "for") == 0) {
      WN_TRY(take_duration(s, clause, length, err));
    } else {
      WN_TRY(take_duration(s, clause, &dose->duration, err));
    }
  }
  return WN_OK;
}

wn_status wn_dose_parse(const wn_model *model, const char *text, wn_doses *doses, wn_error *err) {
  if (model->n_route == 0) return wn_fail(err, WN_ERR_USER, "--dose: model %s takes no doses", model->name);
  sentence s = {.text = text};
  WN_TRY(split(&s, err));
  wn_dose dose = {.note = text, .route = model->default_route};
  char amount[2 * MAX_WORD];
  const char *unit;
  double length = 0, factor = 1;
  WN_TRY(take_amount(&s, &unit, amount, &dose.amount, err));
  WN_TRY(take_clauses(model, &s, &dose, &length, err));
  const wn_route *route = &model->route[dose.route];
  const double longest = fmax(fmax(fabs(dose.time), dose.duration), fmax(dose.ii, length));
  if (!(longest <= WN_MAX_HOURS))
    return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": expected times of at most 1000 years (%d h), got %g h", text,
                   WN_MAX_HOURS, longest);
  WN_TRY(unit_factor(route, text, unit, &factor, err));
  dose.amount *= factor;
  if ((dose.ii > 0) != (length > 0))
    return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": \"every\" and \"for\" go together, as in \"every 24h for 28d\"",
                   text);
  // as many as start within the length, with a hair of tolerance for 0.1 h sums
  if (dose.ii > 0) {
    double n = ceil(length / dose.ii * (1 - 1e-12));
    if (n > 1e7) return wn_fail(err, WN_ERR_USER, "--dose \"%.80s\": more than 10^7 doses", text);
    dose.addl = (int)n - 1;
  }
  return WN_PUSH(doses, dose) ? WN_OK : wn_fail_memory(err);
}
