-- One compartment with first-order absorption; everything a record can leave to the model is a covariate, so that a
-- table of records decides it row by row.
return wane.model {
  name = "absorbed", title = "One compartment with first-order absorption", caption = "For tests; the numbers are made up.",
  parameters = {
    { "CL", 1.1, "L/h", "clearance at 70 kg", "assumed", "made up" },
    { "V", 20, "L", "volume", "assumed", "made up" },
    { "KA", 1.5, "1/h", "absorption rate", "assumed", "made up" },
  },
  covariates = {
    { "WT", 70, "kg", "weight" },
    { "L1", 0, "h", "lag" }, { "F1", 1, "1", "bioavailability" },
    { "L2", 0, "h", "lag" }, { "F2", 1, "1", "bioavailability" },
    { "D2", 2, "h", "duration" }, { "R2", 10, "mg/h", "rate" },
  },
  states = { { "DEPOT", "mg", "depot" }, { "CENT", "mg", "central" } },
  doses = {
    { "DEPOT", "mg", "oral", into = "DEPOT", F = "F1", lag = "L1", rate = "R2", duration = "D2" },
    { "CENT", "mg", "into a vein", into = "CENT", F = "F2", lag = "L2", rate = "R2", duration = "D2" },
  },
  equations = function()
    d.DEPOT = -KA * DEPOT
    d.CENT = KA * DEPOT - CL * (WT / q(70, "kg"))^0.75 / V * CENT
    CP = CENT / V
  end,
  outputs = { { "CP", "mg/L", "concentration" } },
}
