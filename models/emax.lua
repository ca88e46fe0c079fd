-- Direct effect, Emax model: the effect follows the concentration at once and saturates. The law of mass action, as
-- in Holford & Sheiner (1981), Clinical Pharmacokinetics 6:429. Half of the largest effect comes at EC50.

local pk = require "parts.pk"

return wane.model {
  name    = "emax",
  title   = "Direct effect that saturates (Emax)",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name,  value, unit,   meaning,                                  badge,     source
    { "CL",   10,    "L/h",  "clearance",                              "assumed", "example", min = 0 },
    { "V",    50,    "L",    "volume",                                 "assumed", "example", above = 0 },
    { "KA",   1,     "1/h",  "absorption rate",                        "assumed", "example", min = 0 },
    { "E0",   5,     "%",    "effect without drug",                    "assumed", "example" },
    { "EMAX", 90,    "%",    "largest effect of the drug",             "assumed", "example" },
    { "EC50", 1,     "mg/L", "concentration for half of it",           "assumed", "example", above = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    E = E0 + EMAX * C / (EC50 + C)
    d.GUT, d.CENT = drug.d_gut, drug.d_central
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
    { "E", "%",    "effect" },
  },

  windows = {
    { "effective", of = "E", above = 50, meaning = "effect above 50 %" },
  },
}
