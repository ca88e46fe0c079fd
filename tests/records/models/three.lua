-- Three compartments and a depot; everything a record can leave to the model is a covariate.
return wane.model {
  name = "three", title = "Three compartments", caption = "For tests; the numbers are made up.",
  parameters = {
    { "CL", 4, "L/h", "clearance at 70 kg", "assumed", "made up" },
    { "V", 15, "L", "central volume", "assumed", "made up" },
    { "Q2", 6, "L/h", "exchange", "assumed", "made up" }, { "V2", 30, "L", "volume", "assumed", "made up" },
    { "Q3", 1, "L/h", "exchange", "assumed", "made up" }, { "V3", 60, "L", "volume", "assumed", "made up" },
    { "KA", 2.5, "1/h", "absorption rate", "assumed", "made up" },
  },
  covariates = {
    { "WT", 70, "kg", "weight" },
    { "L1", 0, "h", "lag" }, { "F1", 1, "1", "bioavailability" },
    { "L2", 0, "h", "lag" }, { "F2", 1, "1", "bioavailability" },
    { "D2", 2, "h", "duration" }, { "R2", 10, "mg/h", "rate" },
  },
  states = { { "DEPOT", "mg", "depot" }, { "CENT", "mg", "central" }, { "P2", "mg", "fast" }, { "P3", "mg", "slow" } },
  doses = {
    { "DEPOT", "mg", "oral", into = "DEPOT", F = "F1", lag = "L1", rate = "R2", duration = "D2" },
    { "CENT", "mg", "into a vein", into = "CENT", F = "F2", lag = "L2", rate = "R2", duration = "D2" },
  },
  equations = function()
    local size = WT / q(70, "kg")
    local to2, to3 = Q2 / V * CENT - Q2 / V2 * P2, Q3 / V * CENT - Q3 / V3 * P3
    d.DEPOT = -KA * DEPOT
    d.CENT = KA * DEPOT - CL * size / V * CENT - to2 - to3
    d.P2, d.P3 = to2, to3
    CP = CENT / V
  end,
  outputs = { { "CP", "mg/L", "concentration" } },
}
