// netcdf_build.c - see netcdf_build.h. Invariant: no two names of a file are the same. Must not know files.

#include "io/netcdf_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { MAX_NAME = 200, MAX_FLAG = 8, MAX_NOTE = 16 };

void wn_netcdf_build_init(wn_netcdf_build *build) {
  *build = (wn_netcdf_build){.arena = wn_arena_create()};
  build->failed = !build->arena;
}

void wn_netcdf_build_free(wn_netcdf_build *build) {
  WN_ARRAY_FREE(&build->dimensions);
  WN_ARRAY_FREE(&build->variables);
  WN_ARRAY_FREE(&build->attributes);
  wn_arena_destroy(build->arena);
  *build = (wn_netcdf_build){0};
}

static const char *copy(wn_netcdf_build *b, const char *text) {
  if (!text || b->failed) return NULL;
  const char *own = wn_arena_strdup(b->arena, text);
  b->failed |= !own;
  return own;
}

static bool is_taken(const wn_netcdf_build *b, const char *name) {
  for (int i = 0; i < b->variables.n; i++)
    if (strcmp(b->variables.data[i].name, name) == 0) return true;
  return false;
}

static const char *free_name(wn_netcdf_build *b, const char *name) {
  char clean[MAX_NAME], longer[MAX_NAME];
  wn_netcdf_name(name, clean, sizeof clean);
  while (is_taken(b, clean)) {
    snprintf(longer, sizeof longer, "wane_%.*s", MAX_NAME - 6, clean);
    memcpy(clean, longer, sizeof clean);
  }
  return copy(b, clean);
}

int wn_netcdf_build_dimension(wn_netcdf_build *build, const char *name, int64_t length) {
  wn_netcdf_dimension d = {copy(build, name), length};
  if (build->failed || !WN_PUSH(&build->dimensions, d)) build->failed = true;
  return build->failed ? 0 : build->dimensions.n - 1;
}

static int add(wn_netcdf_build *b, const char *name, wn_netcdf_variable v, va_list dim) {
  for (int i = 0; i < v.n_dim; i++) v.dim[i] = va_arg(dim, int);
  if (b->failed) return 0;
  v.name = free_name(b, name);
  v.unit = copy(b, v.unit);
  v.long_name = copy(b, v.long_name);
  // curves shuffled and deflated at level 1 take 37 % of the space; level 4 takes 1 % less, for half as much work again
  v.deflate = 1;
  wn_netcdf_attribute *notes = b->failed ? NULL : wn_arena_alloc(b->arena, MAX_NOTE * sizeof *notes);
  v.attribute = notes;
  if (!notes || !WN_PUSH(&b->variables, v)) b->failed = true;
  return b->failed ? 0 : b->variables.n - 1;
}

int wn_netcdf_build_variable(wn_netcdf_build *build, const char *name, wn_netcdf_type type, const char *unit,
                             const char *long_name, int n_dim, ...) {
  va_list dim;
  va_start(dim, n_dim);
  int index =
      add(build, name, (wn_netcdf_variable){.type = type, .n_dim = n_dim, .unit = unit, .long_name = long_name}, dim);
  va_end(dim);
  return index;
}

int wn_netcdf_build_text(wn_netcdf_build *build, const char *name, int width, const char *long_name, int n_dim, ...) {
  va_list dim;
  va_start(dim, n_dim);
  // a text of no length cannot be
  wn_netcdf_variable v = {
      .type = WN_NETCDF_CHAR, .n_dim = n_dim, .width = width < 1 ? 1 : width, .long_name = long_name};
  int index = add(build, name, v, dim);
  va_end(dim);
  return index;
}

static void attach(wn_netcdf_build *b, int variable, wn_netcdf_attribute a) {
  if (b->failed) return;
  if (variable < 0) {
    b->failed |= !WN_PUSH(&b->attributes, a);
    return;
  }
  wn_netcdf_variable *v = &b->variables.data[variable];
  if (v->n_attribute == MAX_NOTE) return;
  // (the list was made with room for MAX_NOTE)
  ((wn_netcdf_attribute *)v->attribute)[v->n_attribute++] = a;
}

void wn_netcdf_build_note(wn_netcdf_build *build, int variable, const char *name, const char *format, ...) {
  if (build->failed) return;
  va_list args;
  va_start(args, format);
  int length = vsnprintf(NULL, 0, format, args);
  va_end(args);
  char *text = wn_arena_alloc(build->arena, (size_t)length + 1);
  build->failed |= !text;
  if (!text) return;
  va_start(args, format);
  vsnprintf(text, (size_t)length + 1, format, args);
  va_end(args);
  attach(build, variable, (wn_netcdf_attribute){.name = copy(build, name), .text = text});
}

static void add_numbers(wn_netcdf_build *b, int variable, const char *name, wn_netcdf_type type, int n,
                        const double *value) {
  double *own = b->failed ? NULL : wn_arena_alloc(b->arena, (size_t)n * sizeof *own);
  b->failed |= !own;
  if (!own) return;
  memcpy(own, value, (size_t)n * sizeof *own);
  attach(b, variable, (wn_netcdf_attribute){.name = copy(b, name), .type = type, .n = n, .number = own});
}

void wn_netcdf_build_number(wn_netcdf_build *build, int variable, const char *name, double value) {
  add_numbers(build, variable, name, WN_NETCDF_DOUBLE, 1, &value);
}

void wn_netcdf_build_flags(wn_netcdf_build *build, int variable, const char *meanings) {
  double value[MAX_FLAG];
  int n = 1;
  for (const char *c = meanings; *c; c++) n += *c == ' ';
  for (int i = 0; i < MAX_FLAG; i++) value[i] = i;
  add_numbers(build, variable, "flag_values", WN_NETCDF_BYTE, n < MAX_FLAG ? n : MAX_FLAG, value);
  wn_netcdf_build_note(build, variable, "flag_meanings", "%s", meanings);
}

// names and texts of all files, one after the other
static XXH64_hash_t hash_of(const wn_origin *o) {
  XXH64_hash_t hash = 0;
  for (int i = 0; i < o->n_file; i++) hash = XXH3_64bits_withSeed(o->text[i], strlen(o->text[i]), hash);
  return hash;
}

void wn_netcdf_build_origin(wn_netcdf_build *build, const char *title, const char *caption, const wn_origin *origin) {
  wn_netcdf_build_note(build, -1, "Conventions", "CF-1.10");
  wn_netcdf_build_note(build, -1, "title", "%s", title);
  wn_netcdf_build_note(build, -1, "source", "wane %s, simulation", WANE_VERSION);
  wn_netcdf_build_note(build, -1, "history", "%s", origin->command);
  wn_netcdf_build_note(build, -1, "comment", "%s", WN_NOT_MEDICAL_ADVICE);
  if (caption && *caption) wn_netcdf_build_note(build, -1, "caption", "%s", caption);
  wn_netcdf_build_note(build, -1, "wane_version", "%s", WANE_VERSION);
  wn_netcdf_build_note(build, -1, "solver_library", "%s", wn_solver_library());
  if (origin->rtol > 0) wn_netcdf_build_number(build, -1, "rtol", origin->rtol);
  if (origin->atol > 0) wn_netcdf_build_number(build, -1, "atol", origin->atol);
  for (int i = 0; i < origin->n_file; i++) {
    char name[MAX_NAME], words[MAX_NAME];
    snprintf(words, sizeof words, "text_of_%.*s", MAX_NAME - 9, origin->file[i]);
    wn_netcdf_name(words, name, sizeof name);
    wn_netcdf_build_note(build, -1, name, "%s", origin->text[i]);
  }
  if (origin->n_file) wn_netcdf_build_note(build, -1, "text_hash", "XXH3 %016llx", (unsigned long long)hash_of(origin));
}

wn_status wn_netcdf_build_finish(wn_netcdf_build *build, wn_netcdf_def *def, wn_error *err) {
  if (build->failed) return wn_fail_memory(err);
  *def = (wn_netcdf_def){build->dimensions.n,    build->variables.n,    build->attributes.n,
                         build->dimensions.data, build->variables.data, build->attributes.data};
  return WN_OK;
}
