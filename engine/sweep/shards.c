// shards.c - finished shards, read back from memory or from one or several folders of the same sweep. Invariant: what
// is handed out has passed its checksum. It must not know how shards are made.

#include "sweep/impl.h"

#include "sweep/file.h"

#include <string.h>

struct wn_shards {
  const wn_sweep *sweep;  // of a sweep; else
  wn_manifest own;        // of folders
  int n_folder;
  char **folder;
};

wn_status wn_shards_of(const wn_sweep *sweep, wn_shards **shards, wn_error *err) {
  *shards = wn_alloc(sizeof **shards);
  if (!*shards) return wn_fail_memory(err);
  (*shards)->sweep = sweep;
  return WN_OK;
}

static wn_status read_manifest(const char *folder, wn_manifest *manifest, wn_error *err) {
  if (!wn_sweep_folder_exists(folder))
    return wn_fail(err, WN_ERR_USER, "%s: expected the folder of a sweep, like x.csv.sweep", folder);
  char *path = wn_sweep_manifest_path(folder);
  wn_status status = path ? wn_manifest_read(path, manifest, err) : wn_fail_memory(err);
  wn_free(path);
  return status;
}

static wn_status add_folder(wn_shards *shards, const char *folder, wn_error *err) {
  wn_manifest manifest;
  WN_TRY(read_manifest(folder, &manifest, err));
  if (shards->n_folder == 0) {
    shards->own = manifest;
  } else {
    wn_status status = wn_manifest_compare(&shards->own, &manifest, err);
    if (status) wn_fail_prefix(err, "%s is not of the same sweep as %s", folder, shards->folder[0]);
    wn_manifest_free(&manifest);
    if (status) return status;
  }
  char *copy = wn_strdup(folder);
  if (!copy) return wn_fail_memory(err);
  shards->folder[shards->n_folder++] = copy;
  return WN_OK;
}

wn_status wn_shards_open(const char *const *folder, int n_folder, wn_shards **shards, wn_error *err) {
  *shards = NULL;
  wn_shards *s = wn_alloc(sizeof *s);
  if (!s) return wn_fail_memory(err);
  s->folder = wn_alloc((size_t)n_folder * sizeof *s->folder);
  wn_status status = s->folder ? WN_OK : wn_fail_memory(err);
  for (int i = 0; i < n_folder && !status; i++) status = add_folder(s, folder[i], err);
  if (status)
    wn_shards_close(s);
  else
    *shards = s;
  return status;
}

void wn_shards_close(wn_shards *shards) {
  if (!shards) return;
  for (int i = 0; i < shards->n_folder; i++) wn_free(shards->folder[i]);
  wn_free(shards->folder);
  wn_manifest_free(&shards->own);
  wn_free(shards);
}

const wn_manifest *wn_shards_manifest(const wn_shards *shards) {
  return shards->sweep ? &shards->sweep->manifest : &shards->own;
}

// the bytes of a shard in one folder; NULL when they are not there or not whole
static unsigned char *find(const char *folder, const wn_manifest *m, int index, size_t *size) {
  char *path = wn_sweep_shard_path(folder, index);
  unsigned char *bytes = NULL;
  int n_failed;
  if (path && !wn_sweep_file_read(path, &bytes, size, NULL) &&
      !wn_shard_check(bytes, *size, m->identity, index, &n_failed)) {
    wn_free(bytes);
    bytes = NULL;
  }
  wn_free(path);
  return bytes;
}

static unsigned char *find_anywhere(const wn_shards *shards, int index, size_t *size) {
  const wn_manifest *m = wn_shards_manifest(shards);
  if (shards->sweep) return shards->sweep->folder ? find(shards->sweep->folder, m, index, size) : NULL;
  for (int i = 0; i < shards->n_folder; i++) {
    unsigned char *bytes = find(shards->folder[i], m, index, size);
    if (bytes) return bytes;
  }
  return NULL;
}

int wn_shards_missing(const wn_shards *shards, int *first) {
  const wn_manifest *m = wn_shards_manifest(shards);
  int n = 0;
  *first = -1;
  for (int i = 0; i < m->n_shard; i++) {
    size_t size;
    const wn_blob *blob = shards->sweep && shards->sweep->blob ? &shards->sweep->blob[i] : NULL;
    unsigned char *bytes = blob ? NULL : find_anywhere(shards, i, &size);
    bool there = bytes || (blob && blob->bytes);
    wn_free(bytes);
    if (!there && n++ == 0) *first = i;
  }
  return n;
}

wn_status wn_shards_read(const wn_shards *shards, int index, wn_shard **shard, wn_error *err) {
  const wn_manifest *m = wn_shards_manifest(shards);
  if (shards->sweep && shards->sweep->blob) {
    const wn_blob *blob = &shards->sweep->blob[index];
    return wn_shard_decode(blob->bytes, blob->size, m->table, m->identity, index, shard, err);
  }
  size_t size = 0;
  unsigned char *bytes = find_anywhere(shards, index, &size);
  *shard = NULL;
  if (!bytes) return wn_fail(err, WN_ERR_IO, "shard %d is missing, cut or changed", index);
  wn_status status = wn_shard_decode(bytes, size, m->table, m->identity, index, shard, err);
  wn_free(bytes);
  return status;
}
