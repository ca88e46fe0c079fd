# mrgsolve_models.R - the equations for mrgsolve: `code`. Compartments are in the order of the case's states; their names
# have an `a` before them, since D_ and R_ mean something to mrgsolve, and the parameter F of W2 is FBIO.
w1_param <- "$PARAM KA = 1, CL = 1, V2 = 20, Q = 2, V3 = 10"
w2 <- "
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
"
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
  W2 = w2,
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

# whole runs (bench/files): people differ at random, cv 0.3, or by the weight in a data set; closed form where there is one
spread <- log(1 + 0.3^2)
oral <- function(random, effects) paste0("
$PARAM KA = 1, TVCL = 5, TVV2 = 20, Q = 2, V3 = 50, WT = 70
", random, "
$PKMODEL cmt = \"aD aC aP\", ncmt = 2, depot = TRUE, trans = 4
$MAIN
double CL = TVCL*WT/70", effects[1], ";
double V2 = TVV2*WT/70", effects[2], ";
$TABLE
double CONC = aC/V2;
$CAPTURE CONC
")
code$people <- oral(paste("$OMEGA", spread, spread), c("*exp(ETA(1))", "*exp(ETA(2))"))
code$records <- oral("", c("", ""))
random <- paste0("$OMEGA", strrep(paste0(" ", spread), 4), "
$MAIN
double V = TVV*exp(ETA(1));
double KEL = TVKEL*exp(ETA(2));
double KINT = TVKINT*exp(ETA(3));
double KSYN = TVKSYN*exp(ETA(4));")
code$tmdd <- paste0(sub("$MAIN", random, gsub("\\b(V|KEL|KINT|KSYN) =", "TV\\1 =", w2), fixed = TRUE), "$TABLE
double CONC = aL;
$CAPTURE CONC
")
# models/tmdd.lua, doses in mg
code$times_tmdd <- "
$PARAM MW = 150000, CL = .01, V = 3, Q = .02, V2 = 2.5, KA = .012, FBIO = .65, KON = .4, KOFF = .2, KSYN = .06, KDEG = .03
KINT = .02
$CMT aSC aCENT aPERI aR aRC
$MAIN
F_aSC = FBIO*1e6/MW;
aR_0 = KSYN/KDEG;
$ODE
double binding = KON*(aCENT/V)*aR - KOFF*aRC;
dxdt_aSC = -KA*aSC;
dxdt_aCENT = KA*aSC - CL/V*aCENT - Q/V*aCENT + Q/V2*aPERI - V*binding;
dxdt_aPERI = Q/V*aCENT - Q/V2*aPERI;
dxdt_aR = KSYN - KDEG*aR - binding;
dxdt_aRC = binding - KINT*aRC;
$TABLE
double C = aCENT/V;
$CAPTURE C
"
