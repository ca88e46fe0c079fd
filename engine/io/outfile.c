// outfile.c - files that are either whole or not there. Invariant: the target name is touched only by the rename in
// commit, after everything was written, flushed and closed without error.

#include "io/outfile.h"

#include "base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void forget(wn_outfile *file) {
  wn_free(file->path);
  wn_free(file->temporary);
  *file = (wn_outfile){0};
}

static wn_status fail(wn_error *err, const char *path, int number) {
  return wn_fail(err, WN_ERR_IO, "%s: cannot write: %s", path, strerror(number));
}

// a device or pipe (/dev/stdout, /dev/full) is written in place: there is nothing to rename over
static bool is_special(const char *path) {
  struct stat about;
  return stat(path, &about) == 0 && !S_ISREG(about.st_mode);
}

// mkstemp makes a private file; give it the permissions an ordinary new file would have
static void open_permissions(int descriptor) {
  mode_t mask = umask(0);
  umask(mask);
  if (fchmod(descriptor, 0666 & ~mask)) return;
}

wn_status wn_outfile_open(wn_outfile *file, const char *path, wn_error *err) {
  *file = (wn_outfile){.path = wn_strdup(path), .gzip = wn_path_ends(path, ".gz")};
  if (!file->path) return wn_fail_memory(err);
  int descriptor;
  if (is_special(path)) {
    descriptor = open(path, O_WRONLY | O_CLOEXEC);
  } else {
    size_t size = strlen(path) + 8;
    file->temporary = wn_alloc(size);
    if (!file->temporary) {
      forget(file);
      return wn_fail_memory(err);
    }
    snprintf(file->temporary, size, "%s.XXXXXX", path);
    descriptor = mkstemp(file->temporary);
    if (descriptor >= 0) open_permissions(descriptor);
  }
  if (descriptor >= 0) file->stream = fdopen(descriptor, "w");
  if (file->stream) return WN_OK;
  int number = errno;
  if (descriptor >= 0) close(descriptor);
  if (descriptor >= 0 && file->temporary) unlink(file->temporary);
  forget(file);
  return fail(err, path, number);
}

// an earlier write failed and its reason is forgotten: the next byte fails for the same one
static int ask_why(const wn_outfile *file) {
  errno = 0;
  return write(fileno(file->stream), "", 1) < 0 && errno ? errno : EIO;
}

static wn_status fail_hold(int number, wn_error *err) {
  return wn_fail(err, WN_ERR_IO, "a temporary file: cannot write: %s", strerror(number));
}

wn_status wn_outfile_hold(wn_outfile *file, wn_error *err) {
  if (file->temporary || file->special) return WN_OK;
  FILE *held = tmpfile();
  if (!held) return fail_hold(errno, err);
  file->special = file->stream, file->stream = held;
  return WN_OK;
}

// errors of the special file are left to whoever asks it
wn_status wn_outfile_release(wn_outfile *file, wn_error *err) {
  enum { SIZE = 1 << 16 };
  char piece[SIZE];
  FILE *held = file->stream;
  if (!file->special) return WN_OK;
  errno = 0;
  int number = fflush(held) || ferror(held) || fseek(held, 0, SEEK_SET) ? errno ? errno : EIO : 0;
  for (size_t n; !number && !ferror(file->special) && (n = fread(piece, 1, SIZE, held)) > 0;)
    fwrite(piece, 1, n, file->special);
  if (!number && ferror(held)) number = EIO;
  fclose(held);
  file->stream = file->special, file->special = NULL;
  return number ? fail_hold(number, err) : WN_OK;
}

wn_status wn_outfile_commit(wn_outfile *file, wn_error *err) {
  if (wn_outfile_release(file, err)) {
    wn_outfile_abandon(file);
    return WN_ERR_IO;
  }
  int number = 0;
  errno = 0;
  if (fflush(file->stream) || ferror(file->stream)) number = errno ? errno : ask_why(file);
  // a special file may not be syncable; for a regular one the data must have reached the disk before the rename
  if (!number && file->temporary && fsync(fileno(file->stream))) number = errno;
  if (fclose(file->stream) && !number) number = errno;
  if (!number && file->temporary && rename(file->temporary, file->path)) number = errno;
  if (number && file->temporary) unlink(file->temporary);
  wn_status status = number ? fail(err, file->path, number) : WN_OK;
  forget(file);
  return status;
}

void wn_outfile_abandon(wn_outfile *file) {
  if (file->special) {
    fclose(file->stream);
    file->stream = file->special, file->special = NULL;
  }
  if (!file->stream || !file->path) return;
  fclose(file->stream);
  if (file->temporary) unlink(file->temporary);
  forget(file);
}

const char *wn_outfile_why(const wn_outfile *file, const char *words) {
  int number = ask_why(file);
  return number == EIO ? words : strerror(number);
}

wn_status wn_outfile_refuse(const wn_outfile *file, int number, wn_error *err) { return fail(err, file->path, number); }
