# mrgsolve.R - W1 to W3 in mrgsolve: Rscript bench/peers/mrgsolve.R FOLDER ROWS.csv
# Every compartment is kept at every output, as one data frame.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "common.R"))
begun <- bench_begin("mrgsolve")

source(file.path(here, "mrgsolve_models.R"))

# a compiled model as a function of case and people
simulator <- function(model) function(case, people, shape) {
  names(people)[names(people) == "F"] <- "FBIO"
  doses <- mrgsolve::ev(time = case$first, amt = case$dose, cmt = 1, ii = case$every_dose, addl = case$n_dose - 1)
  out <- mrgsolve::mrgsim_ei(model, doses, people, end = (case$n_time - 1) * case$every, delta = case$every,
                             rtol = case$rtol, atol = case$atol, maxsteps = 1000000, obsonly = TRUE, recsort = 3,
                             output = "df")
  if (!shape) return(NULL)
  aperm(array(as.matrix(out[, -(1:2)]), c(case$n_time, nrow(people), case$n_state)), c(3, 1, 2))
}

rows <- character()
for (k in which(begun$cases$case %in% names(code))) {
  case <- begun$cases[k, ]
  model <- mrgsolve::mcode(paste0("wane_", case$case), code[[case$case]], quiet = TRUE)
  rows <- c(rows, bench_measure(begun, case, NULL, simulator(model)))
  if (case$case == "W1") {
    closed <- mrgsolve::mcode("wane_W1_closed", code$W1_closed, quiet = TRUE)
    rows <- c(rows, bench_measure(begun, case, "closed form", simulator(closed)))
  }
}
bench_write(begun$out, rows)
