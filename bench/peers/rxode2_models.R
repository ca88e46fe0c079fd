# rxode2_models.R - the equations for rxode2: `code`. States are in the order of the case's; their names have an `a` before
# them, and the parameter F of W2 is FBIO, to keep clear of rxode2's own words.
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

# whole runs (bench/files): people differ at random, cv 0.3, or by the weight in a data set; closed form where there is one
oral <- function(effects) paste0("
ka = 1; q = 2; vp = 50;
cl = 5*WT/70", effects[1], "; v = 20*WT/70", effects[2], ";
CONC = linCmt();
")
code$people <- gsub("*WT/70", "", oral(c("*exp(eta1)", "*exp(eta2)")), fixed = TRUE)
code$records <- oral(c("", ""))
code$tmdd <- paste0("
KA = .01; FBIO = .7; KPT = .01; KTP = .02; KON = .1; KOFF = .01; KDEG = .1;
V = 3*exp(eta1); KEL = .003*exp(eta2); KINT = .05*exp(eta3); KSYN = exp(eta4);
", code$W2, "CONC = aL;
")
# models/tmdd.lua, doses in mg
code$times_tmdd <- "
MW = 150000; CL = .01; V = 3; Q = .02; V2 = 2.5; KA = .012; FBIO = .65; KON = .4; KOFF = .2; KSYN = .06; KDEG = .03;
KINT = .02;
f(aSC) = FBIO*1e6/MW;
aR(0) = KSYN/KDEG;
binding = KON*(aCENT/V)*aR - KOFF*aRC;
d/dt(aSC) = -KA*aSC;
d/dt(aCENT) = KA*aSC - CL/V*aCENT - Q/V*aCENT + Q/V2*aPERI - V*binding;
d/dt(aPERI) = Q/V*aCENT - Q/V2*aPERI;
d/dt(aR) = KSYN - KDEG*aR - binding;
d/dt(aRC) = binding - KINT*aRC;
C = aCENT/V;
"
