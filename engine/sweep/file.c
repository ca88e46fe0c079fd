// file.c - see file.h. Invariant: a final name appears by rename or link only, after fsync.

#include "sweep/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PER_FOLDER = 1000 };

static wn_status fail(wn_error *err, const char *path, const char *what, int number) {
  return wn_fail(err, WN_ERR_IO, "%s: cannot %s: %s", path, what, strerror(number));
}

static char *format(const char *folder, const char *rest) {
  size_t size = strlen(folder) + strlen(rest) + 2;
  char *path = wn_alloc(size);
  if (path) snprintf(path, size, "%s/%s", folder, rest);
  return path;
}

// all bytes, or the reason
static int write_all(int descriptor, const unsigned char *bytes, size_t size) {
  while (size > 0) {
    ssize_t n = write(descriptor, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return n < 0 ? errno : EIO;
    bytes += n, size -= (size_t)n;
  }
  return fsync(descriptor) ? errno : 0;
}

static void open_permissions(int descriptor) {
  mode_t mask = umask(0);
  umask(mask);
  if (fchmod(descriptor, 0666 & ~mask)) return;
}

// the finished temporary file gets its name
static int publish(const char *temporary, const char *path, bool replace) {
  if (replace) return rename(temporary, path) ? errno : 0;
  if (link(temporary, path) == 0) return unlink(temporary), 0;
  int number = errno;
  if (number == EEXIST) return unlink(temporary), 0;
  // (a file system without links)
  if (number == EPERM || number == ENOTSUP || number == ENOSYS) return rename(temporary, path) ? errno : 0;
  return number;
}

wn_status wn_sweep_file_write(const char *path, const void *bytes, size_t size, bool replace, wn_error *err) {
  size_t length = strlen(path) + 8;
  char *temporary = wn_alloc(length);
  if (!temporary) return wn_fail_memory(err);
  snprintf(temporary, length, "%s.XXXXXX", path);
  int descriptor = mkstemp(temporary), number = descriptor < 0 ? errno : 0;
  if (descriptor >= 0) {
    open_permissions(descriptor);
    number = write_all(descriptor, bytes, size);
    if (close(descriptor) && !number) number = errno;
    if (!number) number = publish(temporary, path, replace);
    if (number) unlink(temporary);
  }
  wn_free(temporary);
  return number ? fail(err, path, "write", number) : WN_OK;
}

wn_status wn_sweep_file_read(const char *path, unsigned char **bytes, size_t *size, wn_error *err) {
  *bytes = NULL, *size = 0;
  FILE *file = fopen(path, "rb");
  struct stat info;
  if (!file || fstat(fileno(file), &info)) {
    int number = errno;
    if (file) fclose(file);
    return fail(err, path, "read", number);
  }
  wn_status status = WN_OK;
  *size = (size_t)info.st_size;
  *bytes = wn_alloc(*size + 1);
  if (!*bytes)
    status = wn_fail_memory(err);
  else if (fread(*bytes, 1, *size, file) != *size)
    status = fail(err, path, "read", ferror(file) ? errno : EIO);
  fclose(file);
  if (status) wn_free(*bytes), *bytes = NULL;
  return status;
}

wn_status wn_sweep_folder_create(const char *path, wn_error *err) {
  if (mkdir(path, 0777) == 0) return WN_OK;
  int number = errno;
  if (number == EEXIST && wn_sweep_folder_exists(path)) return WN_OK;
  return fail(err, path, "make the folder", number == EEXIST ? ENOTDIR : number);
}

bool wn_sweep_folder_exists(const char *path) {
  struct stat info;
  return stat(path, &info) == 0 && S_ISDIR(info.st_mode);
}

static char *shard_folder(const char *folder, int64_t shard) {
  char name[32];
  snprintf(name, sizeof name, "%03lld", (long long)(shard / PER_FOLDER));
  return format(folder, name);
}

char *wn_sweep_shard_path(const char *folder, int64_t shard) {
  char name[64];
  snprintf(name, sizeof name, "%03lld/%06lld.shard", (long long)(shard / PER_FOLDER), (long long)shard);
  return format(folder, name);
}

char *wn_sweep_manifest_path(const char *folder) { return format(folder, "manifest.json"); }

wn_status wn_sweep_shard_folder_create(const char *folder, int64_t shard, wn_error *err) {
  char *path = shard_folder(folder, shard);
  if (!path) return wn_fail_memory(err);
  wn_status status = wn_sweep_folder_create(path, err);
  wn_free(path);
  return status;
}

// a shard, or what a killed process left of one: 000012.shard, 000012.shard.a1B2c3
static bool is_ours(const char *name) {
  size_t digits = strspn(name, "0123456789");
  if (digits >= 6 && strncmp(name + digits, ".shard", 6) == 0) return true;
  return strncmp(name, "manifest.json", 13) == 0;
}

static wn_status empty_folder(const char *folder, wn_error *err) {
  DIR *directory = opendir(folder);
  if (!directory) return errno == ENOENT ? WN_OK : fail(err, folder, "read", errno);
  wn_status status = WN_OK;
  for (struct dirent *entry; !status && (entry = readdir(directory));) {
    if (!is_ours(entry->d_name)) continue;
    char *path = format(folder, entry->d_name);
    if (!path) status = wn_fail_memory(err);
    if (path && unlink(path)) status = fail(err, path, "remove", errno);
    wn_free(path);
  }
  closedir(directory);
  return status;
}

wn_status wn_sweep_folder_remove(const char *folder, int64_t n_shard, wn_error *err) {
  // shards before the manifest: what is killed half-way can still be resumed, or removed by hand
  for (int64_t shard = 0; shard < n_shard; shard += PER_FOLDER) {
    char *path = shard_folder(folder, shard);
    if (!path) return wn_fail_memory(err);
    wn_status status = empty_folder(path, err);
    if (!status) rmdir(path);
    wn_free(path);
    if (status) return status;
  }
  WN_TRY(empty_folder(folder, err));
  // a file that is not ours stays, and its folder with it
  if (rmdir(folder) && errno != ENOTEMPTY && errno != EEXIST && errno != ENOENT)
    return fail(err, folder, "remove", errno);
  return WN_OK;
}
