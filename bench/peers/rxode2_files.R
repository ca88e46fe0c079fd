# rxode2_files.R - whole runs in rxode2, from file to file, for bench/files: Rscript rxode2_files.R JOB INPUT OUT.csv
#
# INPUT is a data set, or how many rows come out where people are drawn. All states and the concentration are written.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "rxode2_models.R"))
given <- commandArgs(trailingOnly = TRUE)
job <- given[1]
data.table::setDTthreads(1)
model <- rxode2::rxode2(code[[job]])
set.seed(1)

solve <- function(events, ...)
  rxode2::rxSolve(model, events = events, ..., rtol = 1e-6, atol = 1e-9, maxsteps = 1000000L, cores = 1L, addDosing = FALSE,
                  returnType = "data.frame")

people <- function(rows, end, amt, into, ii, addl, n_eta, ...) {
  n <- as.integer(rows) %/% (end + 1)
  names <- paste0("eta", seq_len(n_eta))
  omega <- matrix(diag(log(1 + 0.3^2), n_eta), n_eta, dimnames = list(names, names))
  events <- rxode2::et(rxode2::et(amt = amt, cmt = into, ii = ii, addl = addl), 0:end)
  out <- solve(events, omega = omega, nSub = n, ...)
  names(out)[names(out) == "sim.id"] <- "id"
  out
}

records <- function(path, ...) {
  data <- data.table::fread(path, na.strings = ".", data.table = FALSE)
  data$DV <- NULL
  data$CMT <- 1
  if (is.null(data$WT)) return(solve(data, ...))
  # by person: a third faster than a column of the data
  people <- unique(data.frame(id = data$ID, WT = data$WT))
  data$WT <- NULL
  solve(data, iCov = people, ...)
}

# tmdd: lsoda, which is faster on it than the dense methods
out <- switch(job,
              people = people(given[2], 240, 100, "depot", 24, 6, 2),
              tmdd = people(given[2], 672, 1000, "aD", 168, 2, 4, method = "liblsoda"),
              records = records(given[2]),
              times_tmdd = records(given[2], method = "liblsoda"))
data.table::fwrite(out, given[3])
