# rxode2.R - W1 to W3 in rxode2, on one core: Rscript bench/peers/rxode2.R FOLDER ROWS.csv
#
# States are in the order of the case's; their names have an `a` before them, and the parameter F of W2 is FBIO, to keep
# clear of rxode2's own words. Every state is kept at every output, as one data frame.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "common.R"))
begun <- bench_begin("rxode2")

code <- list(
  W1 = "
d/dt(aD) = -KA*aD;
d/dt(aC) = KA*aD - (CL/V2 + Q/V2)*aC + Q/V3*aP;
d/dt(aP) = Q/V2*aC - Q/V3*aP;
",
  W2 = "
aR(0) = KSYN/KDEG;
binding = KON*aL*aR - KOFF*aRC;
d/dt(aD) = -KA*aD;
d/dt(aL) = KA*FBIO*aD/V - (KEL + KPT)*aL + KTP*aP/V - binding;
d/dt(aR) = KSYN - KDEG*aR - binding;
d/dt(aRC) = binding - KINT*aRC;
d/dt(aP) = KPT*aL*V - KTP*aP;
",
  W3 = "
S0 = (E0/KE)/(1 + E0/KE);
aEND(0) = E0;
aREC(0) = 1;
aINF(0) = 1 - IMAX*S0/(S50 + S0);
bE = aEND/KE;
blk = aCE/KI + aCM/KIM;
den = 1 + bE + blk;
OCC = blk/den;
S = aREC*bE/den;
KPROD = KOE*E0*(1 + AMP*cos(2*3.14159265358979323846*(t - TPK)/24))*(S0/S)^GAM;
d/dt(aGUT) = -KA*aGUT;
d/dt(aNTX) = FB*KA*aGUT - CL/V*aNTX - K12*aNTX + K21*aPER;
d/dt(aPER) = K12*aNTX - K21*aPER;
d/dt(aMET) = (1 - FB)*KA*aGUT + FM*(CL/V)*aNTX - CLM/VM*aMET;
d/dt(aCE) = KE0*(aNTX/V - aCE);
d/dt(aCM) = KE0M*(aMET/VM - aCM);
d/dt(aEND) = KPROD - KOE*aEND;
d/dt(aREC) = KOR*(1 + UPMAX*OCC) - KOR*aREC;
d/dt(aINF) = KOI*(1 - IMAX*S/(S50 + S)) - KOI*aINF;
")

# rxode2's own closed form has the amount in the central compartment only
closed_code <- "
cl = PCL; v = PV; q = PQ; vp = PVP; ka = PKA;
aC = linCmt()*PV;
"

simulator <- function(model, method, columns, into) function(case, people, shape) {
  names(people)[names(people) == "F"] <- "FBIO"
  if (is.null(method)) names(people) <- c(ID = "ID", KA = "PKA", CL = "PCL", V2 = "PV", Q = "PQ", V3 = "PVP")[names(people)]
  doses <- rxode2::et(time = case$first, amt = case$dose, cmt = into, ii = case$every_dose, addl = case$n_dose - 1)
  events <- rxode2::et(doses, bench_times(case))
  out <- rxode2::rxSolve(model, people[, names(people) != "ID"], events, method = if (is.null(method)) "liblsoda" else method,
                         rtol = case$rtol, atol = case$atol, maxsteps = 1000000L, cores = 1L, addDosing = FALSE,
                         returnType = "data.frame")
  if (!shape) return(NULL)
  aperm(array(as.matrix(out[, columns]), c(case$n_time, nrow(people), length(columns))), c(3, 1, 2))
}

rows <- character()
for (k in which(begun$cases$case %in% names(code))) {
  case <- begun$cases[k, ]
  model <- rxode2::rxode2(code[[case$case]])
  states <- paste0("a", strsplit(case$states, " ")[[1]])
  for (method in c("liblsoda", "dop853")) {
    name <- if (method == "liblsoda") "rxode2" else paste("rxode2", method)
    rows <- c(rows, bench_measure(begun, case, name, simulator(model, method, states, states[1])))
  }
  if (case$case == "W1") {
    closed <- simulator(rxode2::rxode2(closed_code), NULL, "aC", "depot")
    rows <- c(rows, bench_measure(begun, case, "rxode2 closed form", closed, states = 2))
  }
}
bench_write(begun$out, rows)
