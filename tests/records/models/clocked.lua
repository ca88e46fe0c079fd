-- One compartment whose absorption and elimination follow the clock, linear in the drug.
return wane.model {
  name = "clocked", title = "Absorption and elimination by the clock", caption = "For tests; the numbers are made up.",
  parameters = {
    { "K", 0.09, "1/h", "elimination rate", "assumed", "made up" },
    { "KA", 0.6, "1/h", "absorption rate", "assumed", "made up" },
  },
  covariates = { { "L1", 0, "h", "lag" } },
  states = { { "DEPOT", "mg", "depot" }, { "CENT", "mg", "central" } },
  doses = {
    { "DEPOT", "mg", "oral", into = "DEPOT", lag = "L1" },
    { "CENT", "mg", "into a vein", into = "CENT", lag = "L1" },
  },
  equations = function()
    local absorbed = KA * circadian(q(8, "h"), 0.7) * DEPOT
    d.DEPOT = -absorbed
    d.CENT = absorbed - K * where(lt(clock, q(14, "h")), 1.5, 0.6) * CENT
  end,
  outputs = { { "CENT", "mg", "central" } },
}
