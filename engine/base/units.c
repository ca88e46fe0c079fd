// Units of measurement for checking at load: a grammar of products over the names that unit_names.h knows, and an
// algebra of exponents and a scale, which calls nobody. Invariant: units are interned, so that equal units are one
// pointer and messages show a unit as it was first written. Must not know models or Lua.
#include "base/units.h"
#include "base/memory.h"
#include "base/number.h"
#include "base/unit_names.h"
#include <ctype.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FACTOR = 12, MAX_NAME = 16, MAX_TEXT = 64, MAX_UNIT_TEXT = 120, CACHE = 512, MAX_POWER = 20, READ = 128 };

typedef struct factor {
  char name[MAX_NAME];
  int power;
} factor;

struct wn_unit {
  wn_units *owner;
  wn_magnitude is;
  int id;
  int n_factor;
  factor factor[MAX_FACTOR];  // as written: ng^1 mL^-1
  char text[MAX_TEXT];
};

typedef struct cached {
  const wn_unit *a, *b, *result;
  char operation;
} cached;

// A text read before: models repeat the same few.
typedef struct known_text {
  char text[24];
  const wn_unit *unit;  // NULL: a free place
} known_text;

struct wn_units {
  wn_unit_names *names;
  WN_ARRAY(wn_unit *) unit;
  const wn_unit *one;
  cached cache[CACHE];
  known_text read[READ];
};

// "ng/mL" from the factors; a lone reciprocal is "1/h"
static void write_text(wn_unit *unit) {
  size_t n = 0;
  bool any = false;
  unit->text[0] = '\0';
  for (int pass = 0; pass < 2; pass++) {
    for (int i = 0; i < unit->n_factor; i++) {
      int power = unit->factor[i].power;
      if ((power > 0) != (pass == 0)) continue;
      const char *joint = pass == 0 ? (any ? "*" : "") : (any ? "/" : "1/");
      char exponent[16] = "";
      if (abs(power) != 1) snprintf(exponent, sizeof exponent, "^%d", abs(power));
      int more = snprintf(unit->text + n, MAX_TEXT - n, "%s%s%s", joint, unit->factor[i].name, exponent);
      n = n + (size_t)more < MAX_TEXT ? n + (size_t)more : MAX_TEXT - 1;
      any = true;
    }
  }
  if (!any) snprintf(unit->text, MAX_TEXT, "1");
}

// -- magnitudes: false where the result cannot be held ----------------------------------------------------------------

// a scale that is 1 but for rounding is 1
static bool set_scale(wn_magnitude *m, double scale) {
  m->scale = fabs(1 - scale) < 10 * DBL_EPSILON ? 1 : scale;
  return scale > 0 && isfinite(scale);
}

static bool multiply(wn_magnitude *a, const wn_magnitude *b) {
  for (int i = 0; i < WN_N_DIMENSION; i++) {
    int sum = a->power[i] + b->power[i];
    if (sum < SHRT_MIN || sum > SHRT_MAX) return false;
    a->power[i] = (short)sum;
  }
  return set_scale(a, a->scale * b->scale);
}

static bool raise(wn_magnitude *m, int power) {
  for (int i = 0; i < WN_N_DIMENSION; i++) {
    long long product = (long long)m->power[i] * power;
    if (product < SHRT_MIN || product > SHRT_MAX) return false;
    m->power[i] = (short)product;
  }
  return power == 1 || set_scale(m, pow(m->scale, power));
}

static bool take_root(wn_magnitude *m, int root) {
  for (int i = 0; i < WN_N_DIMENSION; i++) {
    if (m->power[i] % root) return false;
    m->power[i] = (short)(m->power[i] / root);
  }
  return root == 1 || set_scale(m, pow(m->scale, 1.0 / root));
}

static bool divide(wn_magnitude *a, wn_magnitude b) { return raise(&b, -1) && multiply(a, &b); }

static bool same_dimension(const wn_magnitude *a, const wn_magnitude *b) {
  return memcmp(a->power, b->power, sizeof a->power) == 0;
}

// same dimension and, but for rounding, same scale: 10 * mg/dL and mg/L
static bool equal(const wn_magnitude *a, const wn_magnitude *b) {
  return same_dimension(a, b) && fabs(a->scale / b->scale - 1) < 1e-12;
}

// -- units ------------------------------------------------------------------------------------------------------------

// the one unit equal to `made`; NULL when out of memory
static const wn_unit *intern(wn_units *units, const wn_unit *made) {
  for (int i = 0; i < units->unit.n; i++)
    if (equal(&units->unit.data[i]->is, &made->is)) return units->unit.data[i];
  wn_unit *unit = wn_alloc(sizeof *unit);
  if (!unit || !WN_PUSH(&units->unit, unit)) {
    wn_free(unit);
    return NULL;
  }
  *unit = *made;
  unit->owner = units;
  unit->id = units->unit.n - 1;
  write_text(unit);
  return unit;
}

wn_units *wn_units_create(wn_error *err) {
  wn_units *units = wn_alloc(sizeof *units);
  if (units && (units->names = wn_unit_names_create())) {
    wn_unit one = {.is.scale = 1};
    units->one = intern(units, &one);
  }
  if (units && units->one) return units;
  wn_units_destroy(units);
  wn_fail_memory(err);
  return NULL;
}

void wn_units_destroy(wn_units *units) {
  if (!units) return;
  for (int i = 0; i < units->unit.n; i++) wn_free(units->unit.data[i]);
  WN_ARRAY_FREE(&units->unit);
  wn_unit_names_destroy(units->names);
  wn_free(units);
}

// multiply `unit` by name^power, keeping the list of factors short
static bool merge_factor(wn_unit *unit, const char *name, int power) {
  for (int i = 0; i < unit->n_factor; i++) {
    if (strcmp(unit->factor[i].name, name) != 0) continue;
    unit->factor[i].power += power;
    if (unit->factor[i].power == 0) {
      memmove(unit->factor + i, unit->factor + i + 1, sizeof(factor) * (size_t)(unit->n_factor - i - 1));
      unit->n_factor--;
    }
    return true;
  }
  if (power == 0) return true;
  if (unit->n_factor == MAX_FACTOR) return false;
  factor *f = &unit->factor[unit->n_factor++];
  snprintf(f->name, MAX_NAME, "%s", name);
  f->power = power;
  return true;
}

// -- parsing: product := factor { ("*" | "." | " " | "/") factor }, factor := name | number | "(" product ")", ^power

typedef struct parser {
  wn_units *units;
  const char *whole, *at;
  wn_unit *into;  // the product so far
  int depth;
  wn_error *err;
} parser;

static wn_status fail_parse(parser *p, const char *what) {
  return wn_fail(p->err, WN_ERR_USER, "unit '%.60s': %s; units look like mg, ng/mL, L/(h*kg), m^2", p->whole, what);
}

static wn_status fail_unknown(parser *p, const char *name) {
  const char *near = wn_unit_names_nearest(name);
  bool alone = strcmp(name, p->whole) == 0;
  char in[80] = "";
  if (!alone) snprintf(in, sizeof in, " in '%.60s'", p->whole);
  if (near) return wn_fail(p->err, WN_ERR_USER, "unknown unit '%s'%s; try %s", name, in, near);
  return wn_fail(p->err, WN_ERR_USER, "unknown unit '%s'%s", name, in);
}

// an optional exponent: ^-2, 2, -1
static wn_status parse_power(parser *p, int *power) {
  *power = 1;
  bool caret = *p->at == '^';
  const char *digits = p->at + caret;
  if (!caret && !isdigit((unsigned char)*digits) && !(*digits == '-' && isdigit((unsigned char)digits[1])))
    return WN_OK;
  char *end;
  long value = strtol(digits, &end, 10);
  if (end == digits || labs(value) > MAX_POWER || *end == '.')
    return fail_parse(p, "the exponent must be a whole number");
  p->at = end;
  *power = (int)value;
  return WN_OK;
}

static wn_status multiply_in(parser *p, wn_magnitude atom, const char *name, int power) {
  if (!raise(&atom, power) || !multiply(&p->into->is, &atom)) return fail_parse(p, "its scale is out of range");
  if (!merge_factor(p->into, name, power)) return fail_parse(p, "too many factors");
  return WN_OK;
}

static wn_status parse_product(parser *p, int sign);

static wn_status parse_number(parser *p, int sign) {
  char name[MAX_NAME];
  double value;
  const char *end = wn_number_get(p->at, p->at + strlen(p->at), &value);
  size_t n = end ? (size_t)(end - p->at) : 0;
  if (!end || !(value > 0) || n >= MAX_NAME) return fail_parse(p, "a number must be above 0");
  snprintf(name, sizeof name, "%.*s", (int)n, p->at);
  p->at = end;
  int power = 1;
  if (*p->at == '^') WN_TRY(parse_power(p, &power));
  if (value == 1) return WN_OK;
  return multiply_in(p, (wn_magnitude){.scale = value}, name, sign * power);
}

static wn_status parse_factor(parser *p, int sign) {
  if (*p->at == '(') {
    if (++p->depth > 8) return fail_parse(p, "too many brackets");
    p->at++;
    WN_TRY(parse_product(p, sign));
    if (*p->at != ')') return fail_parse(p, "a bracket is not closed");
    p->at++;
    p->depth--;
    return WN_OK;
  }
  if (isdigit((unsigned char)*p->at)) return parse_number(p, sign);
  char name[MAX_NAME];
  size_t n = 0;
  while (isalpha((unsigned char)p->at[n]) || p->at[n] == '%' || (p->at[n] & 0x80)) n++;
  if (n == 0) return fail_parse(p, *p->at ? "a unit was expected" : "it ends too early");
  if (n >= MAX_NAME) return fail_parse(p, "a name is too long");
  snprintf(name, sizeof name, "%.*s", (int)n, p->at);
  p->at += n;
  int power;
  WN_TRY(parse_power(p, &power));
  wn_magnitude atom;
  if (!wn_unit_names_find(p->units->names, name, &atom)) return fail_unknown(p, name);
  return multiply_in(p, atom, name, sign * power);
}

static wn_status parse_product(parser *p, int sign) {
  int next = sign;
  for (;;) {
    while (*p->at == ' ') p->at++;
    WN_TRY(parse_factor(p, next));
    const char *before = p->at;
    while (*p->at == ' ') p->at++;
    if (*p->at == '\0' || *p->at == ')') return WN_OK;
    if (*p->at == '/') {
      next = -sign;
    } else if (*p->at == '*' || *p->at == '.') {
      next = sign;
    } else if (p->at > before) {
      next = sign;
      continue;
    } else {
      return fail_parse(p, "it cannot be read");
    }
    p->at++;
  }
}

static const wn_unit *parse(wn_units *units, const char *text, wn_error *err) {
  wn_unit made = {.is.scale = 1};
  parser p = {units, text, text, &made, 0, err};
  wn_status status;
  if (strlen(text) > MAX_UNIT_TEXT)
    status = wn_fail(err, WN_ERR_USER, "unit '%.40s...' is too long", text);
  else
    status = parse_product(&p, 1);
  if (!status && *p.at) status = fail_parse(&p, "a bracket was not opened");
  if (status) return NULL;
  const wn_unit *unit = intern(units, &made);
  if (!unit) wn_fail_memory(err);
  return unit;
}

// where a text is remembered, or would be; NULL for long ones
static known_text *find_text(wn_units *units, const char *text) {
  size_t length = strnlen(text, sizeof units->read[0].text);
  if (length >= sizeof units->read[0].text) return NULL;
  uint32_t hash = 2166136261u;
  for (size_t i = 0; i < length; i++) hash = (hash ^ (unsigned char)text[i]) * 16777619u;
  return &units->read[hash % READ];
}

const wn_unit *wn_unit_parse(wn_units *units, const char *text, wn_error *err) {
  if (!*text) return units->one;
  known_text *known = find_text(units, text);
  if (known && known->unit && strcmp(known->text, text) == 0) return known->unit;
  const wn_unit *unit = parse(units, text, err);
  if (unit && known) {
    memcpy(known->text, text, strlen(text) + 1);
    known->unit = unit;
  }
  return unit;
}

const wn_unit *wn_unit_one(wn_units *units) { return units->one; }

// -- algebra, cached: tracing multiplies the same few units again and again

static cached *cache_entry(wn_units *units, const wn_unit *a, int b, char operation) {
  uint32_t hash = (uint32_t)a->id * 2654435761u ^ (uint32_t)b * 40503u ^ (uint32_t)operation * 97u;
  return &units->cache[(hash >> 7) % CACHE];
}

static const wn_unit *combine(wn_units *units, const wn_unit *a, const wn_unit *b, char operation) {
  if (!a || !b) return NULL;
  cached *entry = cache_entry(units, a, b->id, operation);
  if (entry->a == a && entry->b == b && entry->operation == operation) return entry->result;
  wn_unit made = *a;
  if (!(operation == '*' ? multiply(&made.is, &b->is) : divide(&made.is, b->is))) return NULL;
  for (int i = 0; i < b->n_factor; i++)
    merge_factor(&made, b->factor[i].name, operation == '*' ? b->factor[i].power : -b->factor[i].power);
  const wn_unit *result = intern(units, &made);
  if (result) *entry = (cached){a, b, result, operation};
  return result;
}

const wn_unit *wn_unit_multiply(wn_units *units, const wn_unit *a, const wn_unit *b) {
  return combine(units, a, b, '*');
}

const wn_unit *wn_unit_divide(wn_units *units, const wn_unit *a, const wn_unit *b) { return combine(units, a, b, '/'); }

const wn_unit *wn_unit_power(wn_units *units, const wn_unit *a, int power) {
  if (!a) return NULL;
  if (power == 0) return units->one;
  wn_unit made = *a;
  if (!raise(&made.is, power)) return NULL;
  for (int i = 0; i < made.n_factor; i++) made.factor[i].power *= power;
  return intern(units, &made);
}

const wn_unit *wn_unit_root(wn_units *units, const wn_unit *a, int root) {
  if (!a) return NULL;
  wn_unit made = *a;
  if (!take_root(&made.is, root)) return NULL;
  bool whole = true;
  for (int i = 0; i < a->n_factor; i++) whole = whole && a->factor[i].power % root == 0;
  for (int i = 0; whole && i < a->n_factor; i++) made.factor[i].power /= root;
  if (!whole) {
    // its dimension has a whole root though its spelling has none: m*L^..; show it as one factor
    made.n_factor = 1;
    snprintf(made.factor[0].name, MAX_NAME, "root(%.9s)", a->text);
    made.factor[0].power = 1;
  }
  return intern(units, &made);
}

bool wn_unit_same(const wn_unit *a, const wn_unit *b) { return a == b; }

bool wn_unit_same_dimension(const wn_unit *a, const wn_unit *b) { return same_dimension(&a->is, &b->is); }

bool wn_unit_is_one(const wn_unit *a) { return a == a->owner->one; }

double wn_unit_factor(const wn_unit *from, const wn_unit *to) {
  if (from == to) return 1;
  wn_magnitude ratio = from->is;
  double scale = divide(&ratio, to->is) ? ratio.scale : NAN;
  // scales are products, so 0.001 may come out a few ulps off; a factor that is a short decimal is that decimal
  char text[32];
  snprintf(text, sizeof text, "%.12g", scale);
  double rounded = strtod(text, NULL);
  return fabs(rounded - scale) <= 8 * 2.3e-16 * fabs(scale) ? rounded : scale;
}

const char *wn_unit_text(const wn_unit *a) { return a->text; }
