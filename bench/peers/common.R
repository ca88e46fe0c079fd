# common.R - what the scripts for other programs share: cases, people and references as `wane bench --population FOLDER`
# writes them, the measure of error, the clock, and rows in the format that `wane bench --peers` and bench/compare read.
# Must not know any of those programs.

bench_fail <- function(...) {
  message("wane: bench: ", ...)
  quit(save = "no", status = 2)
}

# FOLDER ROWS.csv from the command line, once the package is there; nothing else is done before
bench_begin <- function(package) {
  if (!requireNamespace(package, quietly = TRUE))
    bench_fail("the R package ", package, " is not installed; in R: install.packages(\"", package, "\")")
  given <- commandArgs(trailingOnly = TRUE)
  if (length(given) != 2)
    bench_fail("expected FOLDER ROWS.csv, FOLDER as `wane bench --population FOLDER` makes it")
  path <- file.path(given[1], "cases.csv")
  if (!file.exists(path)) bench_fail(path, " is not there; make it with: wane bench --population ", given[1])
  list(folder = given[1], out = given[2], cases = read.csv(path, stringsAsFactors = FALSE),
       program = paste(package, packageVersion(package)))
}

bench_people <- function(folder, case) read.csv(file.path(folder, paste0(case, ".csv")))

# -> [state, time, subject]: eight bytes of a key, then doubles
bench_reference <- function(folder, case) {
  n <- case$n_checked * case$n_time * case$n_state
  path <- file.path(folder, sprintf("reference-%s-%d.bin", case$case, case$n_checked))
  file <- file(path, "rb")
  on.exit(close(file))
  readBin(file, "raw", 8)
  values <- readBin(file, "double", n)
  if (length(values) != n) bench_fail(path, " is too short; make it again: wane bench --population ", folder)
  array(values, c(case$n_state, case$n_time, case$n_checked))
}

bench_times <- function(case) (seq_len(case$n_time) - 1) * case$every

# Largest |value - reference| relative to the value, or to 0.1 % of the state's peak in that subject. Outputs at the
# times of doses are left out: programs differ in whether they show the state before or after.
# values [state, time, subject] of the first subjects
bench_error <- function(case, values, reference, states = seq_len(case$n_state)) {
  doses <- case$first + (seq_len(case$n_dose) - 1) * case$every_dose
  keep <- !(bench_times(case) %in% doses)
  worst <- 0
  for (subject in seq_len(case$n_checked))
    for (i in seq_along(states)) {
      right <- reference[states[i], , subject]
      scale <- pmax(abs(right), 1e-3 * max(abs(right)))
      off <- abs(values[i, , subject] - right)[keep] / scale[keep]
      worst <- max(worst, off[is.finite(off) | off > 0])
    }
  worst
}

# Subjects a second: passes of about a second each, by processor time, after one that calibrates.
# simulate(people) does the work for a data frame of people
bench_time <- function(simulate, people, passes = 5) {
  seconds <- function(n) {
    gc(FALSE)
    before <- proc.time()
    simulate(people[seq_len(n), , drop = FALSE])
    after <- proc.time() - before
    after[["user.self"]] + after[["sys.self"]]
  }
  n <- min(20, nrow(people))
  n <- max(1, min(nrow(people), ceiling(n / max(seconds(n), 1e-3))))
  rates <- n / vapply(seq_len(passes), function(i) seconds(n), 0)
  c(best = max(rates), median = median(rates))
}

bench_row <- function(case, row, rates, error) {
  cpu <- "unknown"
  if (file.exists("/proc/cpuinfo")) {
    line <- grep("^model name", readLines("/proc/cpuinfo"), value = TRUE)
    if (length(line)) cpu <- sub("^[^:]*: *", "", line[1])
  }
  sprintf("\"%s\",%s,%s,1,1,%g,%g,%.6g,%.6g,%.3g,,,,,,", cpu, case$case, row, case$rtol, case$atol, rates[["best"]],
          rates[["median"]], error)
}

# written beside and moved into place
bench_write <- function(path, rows) {
  header <- paste0("cpu,case,row,width,threads,rtol,atol,per_s,median_per_s,error,",
                   "steps,rhs,jacobians,factors,taken,mb")
  part <- paste0(path, ".part")
  writeLines(c(header, rows), part)
  if (!file.rename(part, path)) bench_fail(path, " cannot be written")
}

# One row of one case, named by the program with its version and `how`: simulate(case, people) -> values [state, time,
# subject], measured and checked.
bench_measure <- function(begun, case, how, simulate, states = seq_len(case$n_state)) {
  row <- paste(c(begun$program, how), collapse = " ")
  people <- bench_people(begun$folder, case$case)
  reference <- bench_reference(begun$folder, case)
  values <- simulate(case, people[seq_len(case$n_checked), , drop = FALSE], shape = TRUE)
  error <- bench_error(case, values, reference, states)
  rates <- bench_time(function(some) simulate(case, some, shape = FALSE), people)
  message(sprintf("%s %s at %g: %.0f subjects/s, error %.1e", case$case, row, case$rtol, rates[["best"]], error))
  bench_row(case, row, rates, error)
}
