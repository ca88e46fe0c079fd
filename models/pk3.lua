-- Three compartments: a third, slow phase while a deep tissue gives drug back. Any textbook, for instance Gibaldi &
-- Perrier, Pharmacokinetics (1982), chapter 2. Adds Q3 and V3 to pk2.

local pk = require "parts.pk"

return wane.model {
  name    = "pk3",
  title   = "Three compartments with first-order absorption",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                            badge,     source
    { "CL",  5,     "L/h", "clearance",                        "assumed", "example", min = 0 },
    { "V",   10,    "L",   "central volume",                   "assumed", "example", above = 0 },
    { "Q",   10,    "L/h", "exchange with the shallow tissue", "assumed", "example", min = 0 },
    { "V2",  30,    "L",   "volume of the shallow tissue",     "assumed", "example", above = 0 },
    { "Q3",  2,     "L/h", "exchange with the deep tissue",    "assumed", "example", min = 0 },
    { "V3",  100,   "L",   "volume of the deep tissue",        "assumed", "example", above = 0 },
    { "KA",  1,     "1/h", "absorption rate",                  "assumed", "example", min = 0 },
    { "F1",  0.8,   "1",   "bioavailability",                  "assumed", "example", min = 0, max = 1 },
    { "LAG", 0.25,  "h",   "absorption lag",                   "assumed", "example", min = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug, central" },
    { "PERI", "mg", "drug in the shallow tissue" },
    { "DEEP", "mg", "drug in the deep tissue" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT",  F = "F1", lag = "LAG" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local gut = pk.absorption{ ka = KA, depot = GUT }
    local body = pk.three_compartment{ central = CENT, shallow = PERI, deep = DEEP, CL = CL, V1 = V, Q2 = Q, V2 = V2,
      Q3 = Q3, V3 = V3, input = gut.rate }
    C = body.C1
    d.GUT, d.CENT, d.PERI, d.DEEP = gut.d_depot, body.d_central, body.d_shallow, body.d_deep
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },
}
