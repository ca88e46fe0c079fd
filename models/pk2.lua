-- Two compartments: after an injection the concentration falls fast while drug spreads into the tissues, then slowly.
-- Any textbook, for instance Gibaldi & Perrier, Pharmacokinetics (1982), chapter 2. Adds Q and V2 to pk1.

local pk = require "parts.pk"

return wane.model {
  name    = "pk2",
  title   = "Two compartments with first-order absorption",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                       badge,     source
    { "CL",  5,     "L/h", "clearance",                   "assumed", "example", min = 0 },
    { "V",   20,    "L",   "central volume",              "assumed", "example", above = 0 },
    { "Q",   8,     "L/h", "exchange with the periphery", "assumed", "example", min = 0 },
    { "V2",  50,    "L",   "peripheral volume",           "assumed", "example", above = 0 },
    { "KA",  1,     "1/h", "absorption rate",             "assumed", "example", min = 0 },
    { "F1",  0.8,   "1",   "bioavailability",             "assumed", "example", min = 0, max = 1 },
    { "LAG", 0.25,  "h",   "absorption lag",              "assumed", "example", min = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug, central" },
    { "PERI", "mg", "drug, peripheral" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT",  F = "F1", lag = "LAG" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local gut = pk.absorption{ ka = KA, depot = GUT }
    local body = pk.two_compartment{ central = CENT, peripheral = PERI, CL = CL, V1 = V, Q = Q, V2 = V2,
      input = gut.rate }
    C, C2 = body.C1, body.C2
    d.GUT, d.CENT, d.PERI = gut.d_depot, body.d_central, body.d_peripheral
  end,

  outputs = {
    { "C",  "mg/L", "plasma concentration" },
    { "C2", "mg/L", "concentration in the periphery" },
  },
}
