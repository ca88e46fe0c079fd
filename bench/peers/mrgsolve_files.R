# mrgsolve_files.R - whole runs in mrgsolve, from file to file, for bench/files: Rscript mrgsolve_files.R JOB INPUT OUT.csv
#
# INPUT is a data set, or how many rows come out where people are drawn. All compartments and the concentration are written.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "mrgsolve_models.R"))
given <- commandArgs(trailingOnly = TRUE)
job <- given[1]
data.table::setDTthreads(1)
model <- mrgsolve::mcode(paste0("wane_", job), code[[job]], quiet = TRUE)
set.seed(1)

people <- function(rows, end, ...) {
  n <- as.integer(rows) %/% (end + 1)
  mrgsolve::mrgsim_ei(model, mrgsolve::ev(cmt = 1, ...), data.frame(ID = seq_len(n)), end = end, delta = 1, obsonly = TRUE,
                      rtol = 1e-6, atol = 1e-9, maxsteps = 1000000, output = "df")
}

records <- function(path) {
  data <- data.table::fread(path, na.strings = ".", data.table = FALSE)
  data$AMT[is.na(data$AMT)] <- 0
  data$CMT[is.na(data$CMT)] <- 0
  data$DV <- NULL
  mrgsolve::mrgsim_d(model, data, carry_out = "EVID,AMT,CMT", rtol = 1e-6, atol = 1e-9, maxsteps = 1000000, output = "df")
}

out <- switch(job,
              people = people(given[2], 240, amt = 100, ii = 24, addl = 6),
              tmdd = people(given[2], 672, amt = 1000, ii = 168, addl = 2),
              records(given[2]))
data.table::fwrite(out, given[3])
