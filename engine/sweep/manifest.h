// manifest.h - what a sweep is, as a file: all that decides its numbers, and what its rows hold. Two sweeps with the
// same facts have the same bits. Knows no simulation.
#ifndef WN_SWEEP_MANIFEST_H
#define WN_SWEEP_MANIFEST_H

#include "sweep/table.h"

// Something that decides the numbers: "seed" "1"; "--vary" "low_dose=1:6:11"; "file standard_vs_low.lua" and its text.
// Several may have one name.
typedef struct wn_sweep_fact {
  const char *name, *text;
  bool is_file;  // text is a whole file: a difference is told without it
} wn_sweep_fact;

typedef struct wn_manifest {
  wn_arena *arena;  // owns the facts when it was read
  int n_fact;
  wn_sweep_fact *fact;
  const char *const *head;  // [n_head] lines for the top of the result, without newline
  int n_head;
  int64_t n_point, n_case;
  int shard_cases, n_shard;  // cases of every shard but the last; shards
  wn_sweep_table *table;
  uint64_t identity;  // hash of the facts: shards carry it
} wn_manifest;

uint64_t wn_manifest_identity(const wn_manifest *manifest);

// Write to `path`: temporary file, fsync, then a link that never replaces another (WN_OK too when one is there already;
// it is then the caller's to read and compare). Errors: WN_ERR_IO.
wn_status wn_manifest_write(const wn_manifest *manifest, const char *path, wn_error *err);

// Read back -> *manifest with arena and table of its own. WN_ERR_IO: unreadable; WN_ERR_USER: not a manifest of this
// wane.
wn_status wn_manifest_read(const char *path, wn_manifest *manifest, wn_error *err);
void wn_manifest_free(wn_manifest *manifest);  // what wn_manifest_read made

// WN_ERR_USER with what differs: "seed: was 1 when the sweep began, is 2 now".
wn_status wn_manifest_compare(const wn_manifest *began, const wn_manifest *now, wn_error *err);

#endif
