// input.c - see input.h. Invariant: an input that comes out has levels or a distribution with finite, ordered
// parameters in the unit of its name. Must not know how points are numbered.

#include "sweep/input.h"

#include "base/text.h"
#include "base/value.h"

#include <math.h>
#include <string.h>

enum { MAX_LEVEL = 1000000 };

// -- names and pieces of text ---------------------------------------------------------------------------------------

static wn_status fail_unknown(const wn_input_reader *reader, const char *name, wn_error *err) {
  const char **names = wn_alloc(((size_t)reader->n_known + 1) * sizeof *names);
  if (!names) return wn_fail_memory(err);
  for (int i = 0; i < reader->n_known; i++) names[i] = reader->known[i].name;
  const char *nearest = wn_nearest(name, names, reader->n_known);
  if (nearest)
    wn_fail(err, WN_ERR_USER, "unknown parameter or option '%.60s'; try %s", name, nearest);
  else
    wn_fail(err, WN_ERR_USER, "unknown parameter or option '%.60s'; `wane describe` lists them", name);
  wn_free(names);
  return WN_ERR_USER;
}

// a copy of text[0..length) without the spaces around it; NULL when out of memory
static char *piece(wn_arena *arena, const char *text, size_t length) {
  while (length && *text == ' ') text++, length--;
  while (length && text[length - 1] == ' ') length--;
  return wn_arena_printf(arena, "%.*s", (int)length, text);
}

// the parts of a text between separators -> *parts [returned]; -1 when out of memory
static int split(wn_arena *arena, const char *text, char separator, char ***parts) {
  int n = 1;
  for (const char *c = text; *c; c++) n += *c == separator;
  *parts = wn_arena_alloc(arena, (size_t)n * sizeof **parts);
  if (!*parts) return -1;
  for (int i = 0; i < n; i++) {
    size_t length = (size_t)(strchrnul(text, separator) - text);
    (*parts)[i] = piece(arena, text, length);
    if (!(*parts)[i]) return -1;
    text += length + 1;
  }
  return n;
}

// what stands before `sign` must be a known name; what stands behind it is the input's text
static wn_status read_name(const wn_input_reader *reader, const char *text, char sign, const char *form,
                           wn_input *input, wn_error *err) {
  *input = (wn_input){0};
  const char *end = strchr(text, sign);
  if (!end || end == text || !end[1]) return wn_fail(err, WN_ERR_USER, "expected %s", form);
  const char *name = piece(reader->arena, text, (size_t)(end - text));
  input->input.text = piece(reader->arena, end + 1, strlen(end + 1));
  if (!name || !input->input.text) return wn_fail_memory(err);
  int i = 0;
  while (i < reader->n_known && strcmp(reader->known[i].name, name) != 0) i++;
  if (i == reader->n_known) return fail_unknown(reader, name, err);
  const wn_input_name *known = &reader->known[i];
  input->input.name = wn_arena_strdup(reader->arena, known->name);
  input->input.unit = wn_arena_strdup(reader->arena, known->unit);
  if (!input->input.name || !input->input.unit) return wn_fail_memory(err);
  input->input.known = i;
  input->input.is_clock = input->marginal.is_clock = strcmp(known->unit, "clock") == 0;
  return WN_OK;
}

static wn_status read_value(const wn_input_reader *reader, const wn_input *input, const char *text, double *value,
                            wn_error *err) {
  return wn_value_read(reader->units, input->input.name, input->input.unit, text, value, err);
}

// a value that a person wrote and the parameter's limits forbid; `range`: an end that draws come near to only
static wn_status check_value(const wn_input_reader *reader, const wn_input *input, bool range, double value,
                             const char *text, wn_error *err) {
  wn_limits limits = reader->known[input->input.known].limits;
  char words[120];
  if (range) limits.open_low = limits.open_high = false;
  if (wn_limits_hold(&limits, value)) return WN_OK;
  wn_limits_words(&reader->known[input->input.known].limits, input->input.unit, words, sizeof words);
  return wn_fail(err, WN_ERR_USER, "expected %s, got %.40s", words, text);
}

// -- vary -----------------------------------------------------------------------------------------------------------

static wn_status take_levels(const wn_input_reader *reader, wn_input *input, int n, double **level, wn_error *err) {
  *level = wn_arena_alloc(reader->arena, (size_t)n * sizeof **level);
  if (!*level) return wn_fail_memory(err);
  input->input.n_level = input->marginal.n_level = n;
  input->input.level = input->marginal.level = *level;
  input->marginal.kind = WN_MARGINAL_LEVELS;
  return WN_OK;
}

static wn_status read_list(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err) {
  char **part;
  int n = split(reader->arena, text, ',', &part);
  if (n < 0) return wn_fail_memory(err);
  if (n > MAX_LEVEL) return wn_fail(err, WN_ERR_USER, "expected at most %d values, got %d", MAX_LEVEL, n);
  double *level;
  WN_TRY(take_levels(reader, input, n, &level, err));
  for (int i = 0; i < n; i++) {
    WN_TRY(read_value(reader, input, part[i], &level[i], err));
    WN_TRY(check_value(reader, input, false, level[i], part[i], err));
    for (int k = 0; k < i && n < 1000; k++)
      if (level[k] == level[i]) return wn_fail(err, WN_ERR_USER, "%s stands twice in the list", part[i]);
  }
  return WN_OK;
}

static wn_status read_count(const char *text, int *count, wn_error *err) {
  double value;
  if (!wn_parse_number(text, &value) || value != floor(value) || value < 2 || value > MAX_LEVEL)
    return wn_fail(err, WN_ERR_USER, "expected a whole number of values from 2 to %d behind the second colon, got '%s'",
                   MAX_LEVEL, text);
  *count = (int)value;
  return WN_OK;
}

// LO:HI[:N] cut at its colons, those of clock times apart -> part[3], part[2] NULL without a count
static wn_status cut_range(const wn_input_reader *reader, const wn_input *input, const char *text, const char *part[3],
                           wn_error *err) {
  char **words;
  int n = split(reader->arena, text, ':', &words), width = input->input.is_clock ? 2 : 1;
  if (n < 0) return wn_fail_memory(err);
  if (n != 2 * width && n != 2 * width + 1)
    return wn_fail(err, WN_ERR_USER, "expected %s, got '%.60s'",
                   width == 2 ? "FROM:TO:COUNT like 22:00:02:00:9" : "FROM:TO:COUNT like 1:6:11", text);
  for (int i = 0; i < 2; i++)
    part[i] = width == 1 ? words[i] : wn_arena_printf(reader->arena, "%s:%s", words[2 * i], words[2 * i + 1]);
  part[2] = n > 2 * width ? words[2 * width] : NULL;
  return part[0] && part[1] ? WN_OK : wn_fail_memory(err);
}

// Even steps are added as numpy's linspace adds them, so that 0.1:1:10 holds 0.9.
static void fill_levels(const wn_input *input, bool is_log, double from, double to, int n, double *level) {
  const double step = (to - from) / (n - 1);
  for (int i = 0; i < n; i++) {
    double share = (double)i / (n - 1);
    level[i] = is_log ? from * exp(share * log(to / from)) : i * step + from;
    if (i == n - 1) level[i] = to;
    if (input->input.is_clock) level[i] = wn_marginal_wrap(level[i]);
  }
}

static wn_status read_range(const wn_input_reader *reader, const char *text, bool is_log, wn_input *input,
                            wn_error *err) {
  const char *part[3] = {"", "", NULL};
  double from, to, *level;
  int n = 0;
  WN_TRY(cut_range(reader, input, text, part, err));
  WN_TRY(read_value(reader, input, part[0], &from, err));
  WN_TRY(read_value(reader, input, part[1], &to, err));
  WN_TRY(check_value(reader, input, !part[2], from, part[0], err));
  WN_TRY(check_value(reader, input, !part[2], to, part[1], err));
  // a clock range goes forward, over midnight where it must
  if (input->input.is_clock && to < from) to += 24;
  if (from == to) return wn_fail(err, WN_ERR_USER, "expected two different ends, got %s twice", part[0]);
  if (is_log && input->input.is_clock) return wn_fail(err, WN_ERR_USER, "a clock time has no logarithm");
  if (is_log && !(from > 0 && to > 0))
    return wn_fail(err, WN_ERR_USER, "expected ends above 0 for log:, got %s", from > 0 ? part[1] : part[0]);
  if (part[2]) {
    WN_TRY(read_count(part[2], &n, err));
    WN_TRY(take_levels(reader, input, n, &level, err));
    fill_levels(input, is_log, from, to, n, level);
    return WN_OK;
  }
  input->marginal.kind = is_log ? WN_MARGINAL_LOGUNIFORM : WN_MARGINAL_UNIFORM;
  input->marginal.a = fmin(from, to), input->marginal.b = fmax(from, to);
  return WN_OK;
}

static wn_status read_vary(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err) {
  WN_TRY(read_name(reader, text, '=', "NAME=FROM:TO:COUNT, NAME=log:FROM:TO:COUNT or NAME=A,B,C", input, err));
  const char *what = input->input.text;
  if (strncmp(what, "log:", 4) == 0) return read_range(reader, what + 4, true, input, err);
  // one clock time is a list too
  double clock;
  bool one = input->input.is_clock && wn_parse_clock(what, &clock);
  if (strchr(what, ',') || !strchr(what, ':') || one) return read_list(reader, what, input, err);
  return read_range(reader, what, false, input, err);
}

wn_status wn_input_read_vary(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err) {
  if (!read_vary(reader, text, input, err)) return WN_OK;
  return wn_fail_prefix(err, "--vary %.80s", text);
}

// -- draw -----------------------------------------------------------------------------------------------------------

typedef struct wn_family {
  const char *name, *form;
  wn_marginal_kind kind;
  int n_least, n_most;  // of its numbers
} wn_family;

static const wn_family families[] = {
    {"lognormal", "lognormal(MEAN,CV)", WN_MARGINAL_LOGNORMAL, 2, 4},
    {"normal", "normal(MEAN,SD)", WN_MARGINAL_NORMAL, 2, 4},
    {"uniform", "uniform(FROM,TO)", WN_MARGINAL_UNIFORM, 2, 2},
    {"loguniform", "loguniform(FROM,TO)", WN_MARGINAL_LOGUNIFORM, 2, 2},
    {"triangular", "triangular(FROM,PEAK,TO)", WN_MARGINAL_TRIANGULAR, 3, 3},
};
enum { N_FAMILY = sizeof families / sizeof *families };

// NULL and words when there is none of that name
static const wn_family *find_family(const char *name, wn_error *err) {
  const char *names[N_FAMILY];
  for (int i = 0; i < N_FAMILY; i++) {
    names[i] = families[i].name;
    if (strcmp(names[i], name) == 0) return &families[i];
  }
  const char *nearest = wn_nearest(name, names, N_FAMILY);
  wn_fail(err, WN_ERR_USER, "unknown distribution '%.40s'; try %s", name,
          nearest ? nearest : "lognormal, normal, uniform, loguniform or triangular");
  return NULL;
}

// a fraction, or a percentage with its sign
static wn_status read_cv(const char *text, double *cv, wn_error *err) {
  char number[40];
  size_t length = strlen(text);
  bool percent = length > 1 && length < sizeof number && text[length - 1] == '%';
  memcpy(number, length < sizeof number ? text : "", length < sizeof number ? length + 1 : 1);
  if (percent) number[length - 1] = '\0';
  bool good = wn_parse_number(number, cv);
  if (good && percent) *cv /= 100;
  if (!good || !(*cv > 0))
    return wn_fail(err, WN_ERR_USER, "CV: expected a fraction or a percentage above 0, got '%.40s'", text);
  if (*cv > 10) return wn_fail(err, WN_ERR_USER, "CV: expected at most 10 (1000%%), got %s; try %s%%", text, number);
  return WN_OK;
}

static wn_status read_sd(const wn_input_reader *reader, const wn_input *input, const char *text, double *sd,
                         wn_error *err) {
  if (!input->input.is_clock)
    WN_TRY(read_value(reader, input, text, sd, err));
  else if (!wn_parse_duration(text, sd))
    return wn_fail(err, WN_ERR_USER, "SD: expected a duration like 45min, got '%.40s'", text);
  return *sd > 0 ? WN_OK : wn_fail(err, WN_ERR_USER, "SD: expected above 0, got %.40s", text);
}

// normal and lognormal: two parameters, and two borders where it is cut
static wn_status take_bell(const wn_input_reader *reader, char **part, int n, wn_input *input, wn_error *err) {
  wn_marginal *m = &input->marginal;
  double mean, spread, border[2];
  WN_TRY(read_value(reader, input, part[0], &mean, err));
  WN_TRY(check_value(reader, input, false, mean, part[0], err));
  if (m->kind == WN_MARGINAL_LOGNORMAL) {
    if (!(mean > 0)) return wn_fail(err, WN_ERR_USER, "MEAN: expected above 0, got %s", part[0]);
    WN_TRY(read_cv(part[1], &spread, err));
    wn_marginal_lognormal(m, mean, spread);
  } else {
    WN_TRY(read_sd(reader, input, part[1], &spread, err));
    m->a = mean, m->b = spread;
  }
  if (n == 2) return WN_OK;
  for (int i = 0; i < 2; i++) WN_TRY(read_value(reader, input, part[2 + i], &border[i], err));
  // the mean of clock times lies between the borders, going forward from the first
  if (input->input.is_clock) {
    if (border[1] <= border[0]) border[1] += 24;
    if (m->a < border[0]) m->a += 24;
  }
  if (!(border[0] < border[1]))
    return wn_fail(err, WN_ERR_USER, "expected the lower border before the upper one, got %s,%s", part[2], part[3]);
  if (!wn_marginal_cut(m, border[0], border[1]))
    return wn_fail(err, WN_ERR_USER, "next to nothing of the distribution lies between %s and %s", part[2], part[3]);
  return WN_OK;
}

// uniform, loguniform, triangular: ends, and a peak between them
static wn_status take_range(const wn_input_reader *reader, char **part, int n, wn_input *input, wn_error *err) {
  wn_marginal *m = &input->marginal;
  double value[3];
  for (int i = 0; i < n; i++) {
    WN_TRY(read_value(reader, input, part[i], &value[i], err));
    WN_TRY(check_value(reader, input, true, value[i], part[i], err));
    if (input->input.is_clock && i && value[i] < value[0]) value[i] += 24;
    if (i && value[i] < value[i - 1])
      return wn_fail(err, WN_ERR_USER, "expected numbers in rising order, got %s,%s", part[i - 1], part[i]);
  }
  m->a = value[0], m->b = value[n - 1], m->mode = value[1];
  if (m->a == m->b) return wn_fail(err, WN_ERR_USER, "expected two different ends, got %s twice", part[0]);
  if (m->kind == WN_MARGINAL_LOGUNIFORM && !(m->a > 0))
    return wn_fail(err, WN_ERR_USER, "expected ends above 0, got %s", part[0]);
  return WN_OK;
}

static wn_status read_draw(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err) {
  const char *form = "NAME~DISTRIBUTION(..) like CL~lognormal(20,30%)";
  WN_TRY(read_name(reader, text, '~', form, input, err));
  const char *what = input->input.text, *open = strchr(what, '(');
  size_t length = strlen(what);
  if (!open || what[length - 1] != ')') return wn_fail(err, WN_ERR_USER, "expected %s", form);
  const char *name = piece(reader->arena, what, (size_t)(open - what));
  const char *inside = piece(reader->arena, open + 1, length - (size_t)(open + 1 - what) - 1);
  if (!name || !inside) return wn_fail_memory(err);
  const wn_family *family = find_family(name, err);
  if (!family) return WN_ERR_USER;
  char **part;
  int n = split(reader->arena, inside, ',', &part);
  if (n < 0) return wn_fail_memory(err);
  if (n != family->n_least && n != family->n_most)
    return wn_fail(err, WN_ERR_USER, "expected %s%s, got %d number%s", family->form,
                   family->n_most > family->n_least ? ", or with ,FROM,TO behind" : "", n, n == 1 ? "" : "s");
  input->marginal.kind = family->kind;
  bool is_log = family->kind == WN_MARGINAL_LOGNORMAL || family->kind == WN_MARGINAL_LOGUNIFORM;
  if (is_log && input->input.is_clock) return wn_fail(err, WN_ERR_USER, "a clock time has no logarithm");
  bool is_bell = family->kind == WN_MARGINAL_LOGNORMAL || family->kind == WN_MARGINAL_NORMAL;
  return is_bell ? take_bell(reader, part, n, input, err) : take_range(reader, part, n, input, err);
}

wn_status wn_input_read_draw(const wn_input_reader *reader, const char *text, wn_input *input, wn_error *err) {
  if (!read_draw(reader, text, input, err)) return WN_OK;
  return wn_fail_prefix(err, "--draw %.80s", text);
}
