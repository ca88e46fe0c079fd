# mrgsolve.R - W1 to W3 in mrgsolve: Rscript bench/peers/mrgsolve.R FOLDER ROWS.csv
#
# Compartments are in the order of the case's states; their names have an `a` before them, since D_ and R_ mean something
# to mrgsolve, and the parameter F of W2 is FBIO. Every compartment is kept at every output, as one data frame.
here <- dirname(sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE)[1]))
source(file.path(here, "common.R"))
begun <- bench_begin("mrgsolve")

w1_param <- "$PARAM KA = 1, CL = 1, V2 = 20, Q = 2, V3 = 10"
code <- list(
  W1 = paste(w1_param, "
$CMT aD aC aP
$ODE
dxdt_aD = -KA*aD;
dxdt_aC = KA*aD - (CL/V2 + Q/V2)*aC + Q/V3*aP;
dxdt_aP = Q/V2*aC - Q/V3*aP;
"),
  # mrgsolve's own closed form
  W1_closed = paste(w1_param, "
$PKMODEL cmt = \"aD aC aP\", ncmt = 2, depot = TRUE, trans = 4
"),
  W2 = "
$PARAM KA = .01, FBIO = .7, V = 3, KEL = .003, KPT = .01, KTP = .02, KON = .1, KOFF = .01, KINT = .05, KDEG = .1, KSYN = 1
$CMT aD aL aR aRC aP
$MAIN
aR_0 = KSYN/KDEG;
$ODE
double binding = KON*aL*aR - KOFF*aRC;
dxdt_aD = -KA*aD;
dxdt_aL = KA*FBIO*aD/V - (KEL + KPT)*aL + KTP*aP/V - binding;
dxdt_aR = KSYN - KDEG*aR - binding;
dxdt_aRC = binding - KINT*aRC;
dxdt_aP = KPT*aL*V - KTP*aP;
",
  W3 = "
$PARAM KA = 1.5, CL = 210, V = 1350, K12 = .10, K21 = .05, FB = .40, FM = .5, CLM = 40, VM = 750, KE0 = .5, KE0M = .4
KI = 1, KIM = 4, KE = 2, E0 = 1, KOE = 1.386, AMP = .4, TPK = 8, GAM = 1.5, KOR = .02, UPMAX = 1, KOI = .005, IMAX = .8
S50 = .2
$CMT aGUT aNTX aPER aMET aCE aCM aEND aREC aINF
$MAIN
double S0 = (E0/KE)/(1 + E0/KE);
aEND_0 = E0;
aREC_0 = 1;
aINF_0 = 1 - IMAX*S0/(S50 + S0);
$ODE
double bE = aEND/KE;
double blk = aCE/KI + aCM/KIM;
double den = 1 + bE + blk;
double OCC = blk/den;
double S = aREC*bE/den;
double KPROD = KOE*E0*(1 + AMP*cos(2*3.14159265358979323846*(SOLVERTIME - TPK)/24))*pow(S0/S, GAM);
dxdt_aGUT = -KA*aGUT;
dxdt_aNTX = FB*KA*aGUT - CL/V*aNTX - K12*aNTX + K21*aPER;
dxdt_aPER = K12*aNTX - K21*aPER;
dxdt_aMET = (1 - FB)*KA*aGUT + FM*(CL/V)*aNTX - CLM/VM*aMET;
dxdt_aCE = KE0*(aNTX/V - aCE);
dxdt_aCM = KE0M*(aMET/VM - aCM);
dxdt_aEND = KPROD - KOE*aEND;
dxdt_aREC = KOR*(1 + UPMAX*OCC) - KOR*aREC;
dxdt_aINF = KOI*(1 - IMAX*S/(S50 + S)) - KOI*aINF;
")

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
  rows <- c(rows, bench_measure(begun, case, "mrgsolve", simulator(model)))
  if (case$case == "W1") {
    closed <- mrgsolve::mcode("wane_W1_closed", code$W1_closed, quiet = TRUE)
    rows <- c(rows, bench_measure(begun, case, "mrgsolve closed form", simulator(closed)))
  }
}
bench_write(begun$out, rows)
