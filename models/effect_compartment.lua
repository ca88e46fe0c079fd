-- Effect compartment (Sheiner, Stanski, Vozeh, Miller & Ham 1979): the drug acts at a site that follows the plasma
-- with rate KE0, so that the effect comes later than the concentration and outlasts it (a hysteresis loop).

local pk = require "parts.pk"

return wane.model {
  name    = "effect_compartment",
  title   = "Effect compartment: an effect that lags behind the plasma",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name,  value, unit,   meaning,                                  badge,     source
    { "CL",   10,    "L/h",  "clearance",                              "assumed", "example", min = 0 },
    { "V",    50,    "L",    "volume",                                 "assumed", "example", above = 0 },
    { "KA",   1,     "1/h",  "absorption rate",                        "assumed", "example", min = 0 },
    { "KE0",  0.3,   "1/h",  "rate at which the site follows",         "assumed", "example", min = 0 },
    { "E0",   0,     "%",    "effect without drug",                    "assumed", "example" },
    { "EMAX", 100,   "%",    "largest effect of the drug",             "assumed", "example" },
    { "EC50", 0.7,   "mg/L", "concentration at the site for half of it", "assumed", "example", above = 0 },
    { "GAM",  2,     "1",    "steepness (Hill coefficient)",           "assumed", "example", above = 0 },
  },

  states = {
    { "GUT",  "mg",   "drug in the gut" },
    { "CENT", "mg",   "drug in the body" },
    { "CE",   "mg/L", "concentration at the effect site" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    E = E0 + EMAX * hill(CE, EC50, GAM)
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.CE = pk.effect_site{ ke0 = KE0, Kp = 1, fu = 1, C = C, Ce = CE }
  end,

  outputs = {
    { "C",    "mg/L", "plasma concentration" },
    { "CE",   "mg/L", "concentration at the effect site" },
    { "E",    "%",    "effect" },
  },

  windows = {
    { "effective", of = "E", above = 50, meaning = "effect above 50 %" },
  },
}
