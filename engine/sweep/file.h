// file.h - small files that are whole or not there, and the folder of a sweep under way:
//
//   x.csv.sweep/manifest.json
//   x.csv.sweep/000/000000.shard ... 000999.shard, 001/001000.shard, ...
//
// Every file is written under a temporary name, reaches the disk, and is then renamed: killed or cut off at any moment,
// a name stands for a whole file. Knows no contents.
#ifndef WN_SWEEP_FILE_H
#define WN_SWEEP_FILE_H

#include "base/error.h"
#include "base/memory.h"
#include <stdint.h>

// Write, fsync, rename (replace true) or link (false: a file of that name stays as it is, and that is WN_OK).
wn_status wn_sweep_file_write(const char *path, const void *bytes, size_t size, bool replace, wn_error *err);

// The whole file -> *bytes (wn_free). Errors: WN_ERR_IO, WN_ERR_MEMORY.
wn_status wn_sweep_file_read(const char *path, unsigned char **bytes, size_t *size, wn_error *err);

// Make a directory; one that is there is fine.
wn_status wn_sweep_folder_create(const char *path, wn_error *err);
bool wn_sweep_folder_exists(const char *path);

// folder/000/000012.shard and folder/manifest.json, allocated.
char *wn_sweep_shard_path(const char *folder, int64_t shard);
char *wn_sweep_manifest_path(const char *folder);

// The directory of shard `shard`.
wn_status wn_sweep_shard_folder_create(const char *folder, int64_t shard, wn_error *err);

// Remove shards, what was left half-written, the manifest, and the folder if nothing else is in it.
wn_status wn_sweep_folder_remove(const char *folder, int64_t n_shard, wn_error *err);

#endif
