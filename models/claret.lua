-- Tumour size under treatment (Claret, Girard, Hoff, Van Cutsem and others 2009): the tumour grows at rate KL, the
-- drug shrinks it in proportion to exposure, and that wears off at rate LAMBDA as resistance grows. The paper's
-- exposure was a daily dose; here it is the concentration. Time since the start of treatment is taken as time since t
-- = 0.

local pk = require "parts.pk"

local from = "size usual for solid tumours in Claret 2009"

return wane.model {
  name    = "claret",
  title   = "Tumour growth, drug effect and resistance (Claret)",
  caption = "A published model with numbers of the usual size for solid tumours; they describe no particular drug.",

  parameters = {
    -- name,    value, unit,      meaning,                                     badge,     source
    { "CL",     5,     "L/h",     "clearance",                                 "assumed", "example", min = 0 },
    { "V",      50,    "L",       "volume",                                    "assumed", "example", above = 0 },
    { "KA",     1,     "1/h",     "absorption rate",                           "assumed", "example", min = 0 },
    { "Y0",     80,    "mm",      "size at the start, sum of diameters",       "assumed", "example", above = 0 },
    { "KL",     0.021, "1/wk",    "growth of the tumour",                      "assumed", from, min = 0 },
    { "KD",     0.08,  "L/mg/wk", "shrinkage per concentration",               "assumed", from, min = 0 },
    { "LAMBDA", 0.053, "1/wk",    "rate at which the effect wears off",        "assumed", from, min = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
    { "Y",    "mm", "size of the tumour", initial = "Y0" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    CHANGE = Y / Y0 - 1
    local sensitive = exp(-LAMBDA * t / q(168, "h/wk"))
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.Y = (KL - KD * C * sensitive) * Y
  end,

  outputs = {
    { "C",      "mg/L", "plasma concentration" },
    { "Y",      "mm",   "size of the tumour" },
    { "CHANGE", "%",    "change since the start" },
  },

  windows = {
    { "response",    of = "CHANGE", below = -30, meaning = "at least 30 % smaller than at the start" },
    { "progression", of = "CHANGE", above = 20,  meaning = "at least 20 % larger than at the start" },
  },
}
