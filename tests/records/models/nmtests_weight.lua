return wane.model {
  name = "nmtests_weight", title = "The same, clearance by weight", caption = "For tests.",
  parameters = {
    { "CL", 1.1, "L/h", "clearance", "assumed", "nmtests" },
    { "V", 20, "L", "volume", "assumed", "nmtests" },
    { "KA", 1.5, "1/h", "absorption", "assumed", "nmtests" },
  },
  covariates = { { "WT", 70, "kg", "weight" },
    { "LAGT", 0, "h", "lag" }, { "BIOAV", 1, "1", "F" }, { "DUR2", 2, "h", "duration" }, { "RAT2", 10, "mg/h", "rate" },
  },
  states = { { "DEPOT", "mg", "depot" }, { "CENT", "mg", "central" } },
  doses = {
    { "DEPOT", "mg", "oral", into = "DEPOT" },
    { "CENT", "mg", "iv", into = "CENT", F = "BIOAV", lag = "LAGT", rate = "RAT2", duration = "DUR2" },
  },
  equations = function()
    d.DEPOT = -KA * DEPOT
    d.CENT = KA * DEPOT - CL * (WT / q(70, "kg"))^0.75 / V * CENT
    CONC = CENT / V
  end,
  outputs = { { "CONC", "ug/L", "concentration" } },
}
