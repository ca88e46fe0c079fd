-- The smallest useful model, and the one to copy when starting your own: a tablet, a body, a clearance.

return wane.model {
  name    = "pk1",
  title   = "One compartment with first-order absorption",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,           badge,     source
    { "CL",  1.1,   "L/h", "clearance",       "assumed", "example", min = 0 },
    { "V",   20,    "L",   "volume",          "assumed", "example", above = 0 },
    { "KA",  1.5,   "1/h", "absorption rate", "assumed", "example", min = 0 },
    { "F1",  0.8,   "1",   "bioavailability", "assumed", "example", min = 0, max = 1 },
    { "LAG", 0.2,   "h",   "absorption lag",  "assumed", "example", min = 0 },
  },

  states = {
    -- name,  unit, meaning
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    -- name,  unit, meaning, where it goes
    { "GUT",  "mg", "tablet",    into = "GUT",  F = "F1", lag = "LAG" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    C = CENT / V
    d.GUT  = -KA * GUT
    d.CENT =  KA * GUT - CL * C
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },

  windows = {
    { "effective", of = "C", above = 2, meaning = "above 2 mg/L" },
  },
}
