#!/usr/bin/env bash
# netCDF-C 4.9.0 as Debian builds it: nc_def_var_zstandard returns success, yet nothing is compressed. The header says
# NC_HAS_ZSTD 0, and the library offers the call all the same. A program that trusts the status writes files many times
# the size of deflate's. Seen: a million values of a repeated exponential, 8.0 MB plain and with zstandard, 0.05 MB
# with deflate. Needs cc.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install libnetcdf-dev=1:4.9.0-3+b1 libnetcdf19=1:4.9.0-3+b1 >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
cat >try.c <<'END'
#include <math.h>
#include <netcdf.h>
#include <netcdf_filter.h>
#include <netcdf_meta.h>
#include <stdio.h>
#include <sys/stat.h>

enum { PLAIN, DEFLATE, ZSTANDARD, N = 1000000 };
static double value[N];

static long size_of(int how, int *said) {
  const size_t start = 0, count = N;
  int file, dim, var;
  struct stat status;
  if (nc_create("try.nc", NC_NETCDF4 | NC_CLOBBER, &file) || nc_def_dim(file, "time", N, &dim)) return -1;
  if (nc_def_var(file, "conc", NC_DOUBLE, 1, &dim, &var)) return -1;
  *said = how == DEFLATE ? nc_def_var_deflate(file, var, 1, 1, 4) : 0;
  if (how == ZSTANDARD) *said = nc_def_var_zstandard(file, var, 3);
  if (nc_put_vara_double(file, var, &start, &count, value) || nc_close(file)) return -1;
  return stat("try.nc", &status) ? -1 : (long)status.st_size;
}

int main(void) {
  static const char *const name[] = {"plain", "deflate", "zstandard"};
  long size[3];
  int said[3];
  for (int i = 0; i < N; i++) value[i] = 100 * exp(-0.01 * (i % 1000));
  printf("netCDF %s NC_HAS_ZSTD %d\n", nc_inq_libvers(), NC_HAS_ZSTD);
  for (int how = PLAIN; how <= ZSTANDARD; how++) {
    size[how] = size_of(how, &said[how]);
    printf("%-10s %8ld bytes, the call said: %s\n", name[how], size[how], nc_strerror(said[how]));
  }
  return !(said[ZSTANDARD] == NC_NOERR && size[ZSTANDARD] == size[PLAIN] && size[DEFLATE] < size[PLAIN] / 10);
}
END
libraries=$(find root -name 'lib*.so*' -printf '%h\n' | sort -u | sed "s,^,$work/," | paste -sd:)
cc -Iroot/usr/include try.c -o try -L"$(dirname "$(find root -name libnetcdf.so)")" -lnetcdf -lm \
    -Wl,--allow-shlib-undefined "-Wl,-rpath-link,$libraries"
LD_LIBRARY_PATH=$libraries ./try
