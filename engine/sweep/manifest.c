// manifest.c - see manifest.h. Invariant: what is written reads back as the same facts and the same table. It must not
// know where shards are.

#include "sweep/manifest.h"

#include "sweep/file.h"
#include "sweep/shard.h"

#include <jansson.h>
#include <string.h>

enum { FORMAT = 1 };

uint64_t wn_manifest_identity(const wn_manifest *manifest) {
  uint64_t hash = (uint64_t)manifest->shard_cases;
  for (int i = 0; i < manifest->n_fact; i++) {
    const wn_sweep_fact *f = &manifest->fact[i];
    uint64_t parts[3] = {hash, wn_sweep_hash(f->name, strlen(f->name)), wn_sweep_hash(f->text, strlen(f->text))};
    hash = wn_sweep_hash(parts, sizeof parts);
  }
  return hash;
}

// -- to JSON --------------------------------------------------------------------------------------------------------

static json_t *fields_json(const wn_sweep_field *field, int n) {
  json_t *list = json_array();
  for (int i = 0; list && i < n; i++) {
    const wn_sweep_field *f = &field[i];
    json_t *one = json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "name", f->name, "unit", f->unit, "quantity", f->quantity,
                            "of", f->of, "meaning", f->meaning);
    if (json_array_append_new(list, one)) json_decref(list), list = NULL;
  }
  return list;
}

static json_t *texts_json(const char *const *text, int n) {
  json_t *list = json_array();
  for (int i = 0; list && i < n; i++)
    if (json_array_append_new(list, json_string(text[i]))) json_decref(list), list = NULL;
  return list;
}

static json_t *table_json(const wn_sweep_table *t) {
  return json_pack("{s:o, s:o, s:i, s:o, s:s, s:o, s:f, s:f, s:f, s:i}", "inputs", fields_json(t->input, t->n_input),
                   "arms", texts_json(t->arm, t->n_arm), "individuals", t->n_person, "columns",
                   fields_json(t->column, t->n_column), "keep", wn_sweep_keep_name(t->keep), "curves",
                   fields_json(t->curve, t->n_curve), "start", t->t_start, "end", t->t_end, "every", t->every, "times",
                   t->n_time);
}

static json_t *facts_json(const wn_manifest *m) {
  json_t *list = json_array();
  for (int i = 0; list && i < m->n_fact; i++) {
    const wn_sweep_fact *f = &m->fact[i];
    json_t *one = json_pack("[s, s, b]", f->name, f->text, (int)f->is_file);
    if (json_array_append_new(list, one)) json_decref(list), list = NULL;
  }
  return list;
}

static json_t *manifest_json(const wn_manifest *m) {
  return json_pack("{s:i, s:I, s:I, s:i, s:i, s:o, s:o, s:o}", "wane sweep", FORMAT, "points", (json_int_t)m->n_point,
                   "cases", (json_int_t)m->n_case, "cases in a shard", m->shard_cases, "shards", m->n_shard, "head",
                   texts_json(m->head, m->n_head), "table", table_json(m->table), "facts", facts_json(m));
}

wn_status wn_manifest_write(const wn_manifest *manifest, const char *path, wn_error *err) {
  json_t *json = manifest_json(manifest);
  char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
  json_decref(json);
  // (also for a text that is not UTF-8)
  if (!text) return wn_fail(err, WN_ERR_USER, "%s: a name or a file of the sweep is not UTF-8, or memory is out", path);
  wn_status status = wn_sweep_file_write(path, text, strlen(text), false, err);
  free(text);
  return status;
}

// -- from JSON ------------------------------------------------------------------------------------------------------

static const char *keep_text(wn_arena *arena, const json_t *json, const char *key) {
  const char *text = json_string_value(json_object_get(json, key));
  return wn_arena_strdup(arena, text);
}

static wn_sweep_field *read_fields(wn_arena *arena, const json_t *list, int *n) {
  *n = (int)json_array_size(list);
  wn_sweep_field *field = wn_arena_alloc(arena, ((size_t)*n + 1) * sizeof *field);
  for (int i = 0; field && i < *n; i++) {
    const json_t *one = json_array_get(list, (size_t)i);
    field[i] = (wn_sweep_field){.name = keep_text(arena, one, "name"),
                                .unit = keep_text(arena, one, "unit"),
                                .quantity = keep_text(arena, one, "quantity"),
                                .of = keep_text(arena, one, "of"),
                                .meaning = keep_text(arena, one, "meaning")};
    if (!field[i].name || !field[i].unit) return NULL;
  }
  return field;
}

static const char **read_texts(wn_arena *arena, const json_t *list, int *n) {
  *n = (int)json_array_size(list);
  const char **text = wn_arena_alloc(arena, ((size_t)*n + 1) * sizeof *text);
  for (int i = 0; text && i < *n; i++) {
    text[i] = wn_arena_strdup(arena, json_string_value(json_array_get(list, (size_t)i)));
    if (!text[i]) return NULL;
  }
  return text;
}

static double number(const json_t *json, const char *key) { return json_number_value(json_object_get(json, key)); }

static bool read_table(wn_sweep_table *t, const json_t *json) {
  const char *name = json_string_value(json_object_get(json, "keep"));
  int keep = name ? wn_sweep_keep_find(name) : -1;
  if (keep < 0) return false;
  t->keep = (wn_sweep_keep)keep;
  t->input = read_fields(t->arena, json_object_get(json, "inputs"), &t->n_input);
  t->column = read_fields(t->arena, json_object_get(json, "columns"), &t->n_column);
  t->curve = read_fields(t->arena, json_object_get(json, "curves"), &t->n_curve);
  t->arm = read_texts(t->arena, json_object_get(json, "arms"), &t->n_arm);
  t->n_person = (int)number(json, "individuals");
  t->t_start = number(json, "start"), t->t_end = number(json, "end"), t->every = number(json, "every");
  t->n_time = (int)number(json, "times");
  return t->input && t->column && t->curve && t->arm && t->n_arm > 0;
}

static bool read_facts(wn_manifest *m, const json_t *list) {
  m->n_fact = (int)json_array_size(list);
  m->fact = wn_arena_alloc(m->arena, ((size_t)m->n_fact + 1) * sizeof *m->fact);
  for (int i = 0; m->fact && i < m->n_fact; i++) {
    const json_t *one = json_array_get(list, (size_t)i);
    m->fact[i].name = wn_arena_strdup(m->arena, json_string_value(json_array_get(one, 0)));
    m->fact[i].text = wn_arena_strdup(m->arena, json_string_value(json_array_get(one, 1)));
    m->fact[i].is_file = json_is_true(json_array_get(one, 2));
    if (!m->fact[i].name || !m->fact[i].text) return false;
  }
  return m->fact;
}

static bool read_manifest(wn_manifest *m, const json_t *json) {
  if (json_integer_value(json_object_get(json, "wane sweep")) != FORMAT) return false;
  m->n_point = json_integer_value(json_object_get(json, "points"));
  m->n_case = json_integer_value(json_object_get(json, "cases"));
  m->shard_cases = (int)number(json, "cases in a shard");
  m->n_shard = (int)number(json, "shards");
  m->head = (const char *const *)read_texts(m->arena, json_object_get(json, "head"), &m->n_head);
  bool ok = m->head && m->n_shard > 0 && m->shard_cases > 0 && read_table(m->table, json_object_get(json, "table")) &&
            read_facts(m, json_object_get(json, "facts"));
  if (ok) m->identity = wn_manifest_identity(m);
  return ok;
}

wn_status wn_manifest_read(const char *path, wn_manifest *manifest, wn_error *err) {
  unsigned char *text;
  size_t size;
  *manifest = (wn_manifest){0};
  WN_TRY(wn_sweep_file_read(path, &text, &size, err));
  json_t *json = json_loadb((const char *)text, size, 0, NULL);
  wn_free(text);
  manifest->arena = wn_arena_create();
  manifest->table = wn_sweep_table_create();
  bool ok = manifest->arena && manifest->table && read_manifest(manifest, json);
  json_decref(json);
  if (ok) return WN_OK;
  wn_manifest_free(manifest);
  return wn_fail(err, WN_ERR_USER, "%s: expected the manifest of a sweep by wane %s", path, WANE_VERSION);
}

void wn_manifest_free(wn_manifest *manifest) {
  wn_arena_destroy(manifest->arena);
  wn_sweep_table_destroy(manifest->table);
  *manifest = (wn_manifest){0};
}

// -- comparing ------------------------------------------------------------------------------------------------------

// the k-th fact of a name, or NULL
static const wn_sweep_fact *find(const wn_manifest *m, const char *name, int k) {
  for (int i = 0; i < m->n_fact; i++)
    if (strcmp(m->fact[i].name, name) == 0 && k-- == 0) return &m->fact[i];
  return NULL;
}

static int rank_of(const wn_manifest *m, int fact) {
  int k = 0;
  for (int i = 0; i < fact; i++) k += strcmp(m->fact[i].name, m->fact[fact].name) == 0;
  return k;
}

static wn_status differs(const wn_sweep_fact *began, const wn_sweep_fact *now, wn_error *err) {
  const char *name = began ? began->name : now->name;
  if (began && now && began->is_file) return wn_fail(err, WN_ERR_USER, "%s has changed since the sweep began", name);
  if (!now)
    return wn_fail(err, WN_ERR_USER, "%s was %.200s when the sweep began, and is not given now", name,
                   began->is_file ? "read" : began->text);
  if (!began)
    return wn_fail(err, WN_ERR_USER, "%s was not given when the sweep began, and is %.200s now", name,
                   now->is_file ? "read" : now->text);
  return wn_fail(err, WN_ERR_USER, "%s was %.200s when the sweep began, and is %.200s now", name, began->text,
                 now->text);
}

wn_status wn_manifest_compare(const wn_manifest *began, const wn_manifest *now, wn_error *err) {
  for (int i = 0; i < now->n_fact; i++) {
    const wn_sweep_fact *other = find(began, now->fact[i].name, rank_of(now, i));
    if (!other || strcmp(other->text, now->fact[i].text) != 0) return differs(other, &now->fact[i], err);
  }
  for (int i = 0; i < began->n_fact; i++)
    if (!find(now, began->fact[i].name, rank_of(began, i))) return differs(&began->fact[i], NULL, err);
  if (began->n_case != now->n_case || began->shard_cases != now->shard_cases || began->n_shard != now->n_shard)
    return wn_fail(err, WN_ERR_USER, "the sweep was cut into %d shards of %d when it began, and is into %d of %d now",
                   began->n_shard, began->shard_cases, now->n_shard, now->shard_cases);
  return WN_OK;
}
