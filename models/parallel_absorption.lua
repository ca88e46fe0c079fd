-- Two first-order absorptions at once: a share of the dose is taken up fast, the rest slowly, as from a tablet with
-- an immediate and a prolonged layer. May show a shoulder or two peaks.

local pk = require "parts.pk"

return wane.model {
  name    = "parallel_absorption",
  title   = "Fast and slow absorption in parallel",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                              badge,     source
    { "CL",  10,    "L/h", "clearance",                          "assumed", "example", min = 0 },
    { "V",   60,    "L",   "volume",                             "assumed", "example", above = 0 },
    { "FR",  0.4,   "1",   "share of the dose absorbed fast",    "assumed", "example", min = 0, max = 1 },
    { "KA1", 2,     "1/h", "fast absorption rate",               "assumed", "example", min = 0 },
    { "KA2", 0.08,  "1/h", "slow absorption rate",               "assumed", "example", min = 0 },
    { "F1",  0.9,   "1",   "bioavailability",                    "assumed", "example", min = 0, max = 1 },
    { "LAG", 0.3,   "h",   "absorption lag",                     "assumed", "example", min = 0 },
  },

  states = {
    { "FAST", "mg", "drug in the gut, absorbed fast" },
    { "SLOW", "mg", "drug in the gut, absorbed slowly" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    { "GUT",  "mg", "tablet of two layers", into = { "FAST", "SLOW" }, F = "F1", lag = "LAG",
      amount = function(dose) return FR * dose, (1 - FR) * dose end },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local fast = pk.absorption{ ka = KA1, depot = FAST }
    local slow = pk.absorption{ ka = KA2, depot = SLOW }
    C = CENT / V
    d.FAST, d.SLOW = fast.d_depot, slow.d_depot
    d.CENT = fast.rate + slow.rate - CL * C
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },
}
