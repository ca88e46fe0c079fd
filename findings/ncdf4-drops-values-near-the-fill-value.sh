#!/usr/bin/env bash
# R package ncdf4 1.21 (R 4.2.2) returns NA for values that only lie near the fill value: with missval = -999 a measured
# -999.001 becomes NA, with missval = 1e30 so does 1.00001e30; the tolerance is a hundred-thousandth. Python's readers
# compare for equality. Seen: two of five values NA where none is the fill value.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
: >status
mkdir -p debs/partial root
apt-get -qq -y --no-install-recommends --download-only -o Dir::State::status="$work/status" \
    -o Dir::Cache::archives="$work/debs" -o Debug::NoLocking=1 install r-cran-ncdf4=1.21-1 r-base-core >/dev/null 2>&1
rm -f debs/libc6_*.deb
for deb in debs/*.deb; do dpkg-deb -x "$deb" root; done
sed -i "s,R_HOME_DIR=/usr/lib/R,R_HOME_DIR=$work/root/usr/lib/R," root/usr/lib/R/bin/R
cat >try.R <<'END'
library(ncdf4)
cat(R.version.string, " ncdf4", as.character(packageVersion("ncdf4")), "\n")
x <- c(1, -999.001, -998.995, -999.1, -998.9)
value <- ncvar_def("value", "mg", list(ncdim_def("row", "", seq_along(x))), missval = -999, prec = "double")
file <- nc_create("try.nc", list(value))
ncvar_put(file, value, x)
nc_close(file)
file <- nc_open("try.nc")
y <- ncvar_get(file, "value")
nc_close(file)
print(data.frame(written = x, read = y), digits = 10)
quit(status = as.integer(!identical(as.vector(is.na(y)), c(FALSE, TRUE, TRUE, FALSE, FALSE))))
END
LD_LIBRARY_PATH=$(find root -name 'lib*.so*' -printf '%h\n' | sort -u | sed "s,^,$work/," | paste -sd:)
export LD_LIBRARY_PATH R_HOME=$work/root/usr/lib/R R_LIBS=$work/root/usr/lib/R/site-library
"$R_HOME/bin/exec/R" --vanilla --no-echo --file=try.R
