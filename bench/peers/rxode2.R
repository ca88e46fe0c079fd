# rxode2.R - W1 to W3 in rxode2, on one core: Rscript bench/peers/rxode2.R FOLDER ROWS.csv
# Every state is kept at every output, as one data frame.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "common.R"))
begun <- bench_begin("rxode2")

source(file.path(here, "rxode2_models.R"))

# method NULL: the closed form, whose parameters have names of their own
simulator <- function(model, method, columns, into, ...) function(case, people, shape) {
  names(people)[names(people) == "F"] <- "FBIO"
  if (is.null(method)) names(people) <- c(ID = "ID", KA = "PKA", CL = "PCL", V2 = "PV", Q = "PQ", V3 = "PVP")[names(people)]
  doses <- rxode2::et(time = case$first, amt = case$dose, cmt = into, ii = case$every_dose, addl = case$n_dose - 1)
  events <- rxode2::et(doses, bench_times(case))
  out <- rxode2::rxSolve(model, people[, names(people) != "ID"], events, method = if (is.null(method)) "liblsoda" else method,
                         rtol = case$rtol, atol = case$atol, maxsteps = 1000000L, cores = 1L, addDosing = FALSE,
                         returnType = "data.frame", ...)
  if (!shape) return(NULL)
  aperm(array(as.matrix(out[, columns]), c(case$n_time, nrow(people), length(columns))), c(3, 1, 2))
}

rows <- character()
for (k in which(begun$cases$case %in% names(code))) {
  case <- begun$cases[k, ]
  model <- rxode2::rxode2(code[[case$case]])
  states <- paste0("a", strsplit(case$states, " ")[[1]])
  # explicit methods without `dense` step from output to output
  for (method in c("liblsoda", "dop853", "dop5")) {
    how <- paste0(method, if (method != "liblsoda") " dense")
    run <- simulator(model, method, states, states[1], dense = method != "liblsoda")
    rows <- c(rows, bench_measure(begun, case, how, run))
  }
  if (case$case == "W1") {
    closed <- simulator(rxode2::rxode2(closed_code), NULL, "aC", "depot")
    rows <- c(rows, bench_measure(begun, case, "closed form", closed, states = 2))
  }
}
bench_write(begun$out, rows)
