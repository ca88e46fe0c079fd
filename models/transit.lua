-- Absorption through a chain of transit compartments (Savic, Jonker, Kerbusch & Karlsson 2007): the dose passes n = 4
-- of them on its way to the gut wall, so that absorption begins slowly instead of after a sharp lag. The chain is
-- written out, not as a formula in time since the dose, so any number of doses may overlap. KTR = (n + 1) / MTT.

local pk = require "parts.pk"

return wane.model {
  name    = "transit",
  title   = "Absorption through transit compartments",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                                      badge,     source
    { "CL",  10,    "L/h", "clearance",                                  "assumed", "example", min = 0 },
    { "V",   60,    "L",   "volume",                                     "assumed", "example", above = 0 },
    { "MTT", 1.5,   "h",   "mean transit time to the gut wall",          "assumed", "example", above = 0 },
    { "KA",  1.2,   "1/h", "absorption rate from the gut wall",          "assumed", "example", min = 0 },
    { "F1",  0.7,   "1",   "bioavailability",                            "assumed", "example", min = 0, max = 1 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut, not yet on its way" },
    { "TR1",  "mg", "drug in transit compartment 1" },
    { "TR2",  "mg", "drug in transit compartment 2" },
    { "TR3",  "mg", "drug in transit compartment 3" },
    { "TR4",  "mg", "drug in transit compartment 4" },
    { "WALL", "mg", "drug at the gut wall" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT", F = "F1" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local chain = pk.release{ mean = MTT, stages = { GUT, TR1, TR2, TR3, TR4 } }
    local body = pk.oral{ gut = WALL, central = CENT, ka = KA, CL = CL, V = V }
    C = body.C
    d.GUT, d.TR1, d.TR2, d.TR3, d.TR4 = chain.d[1], chain.d[2], chain.d[3], chain.d[4], chain.d[5]
    d.WALL = chain.rate + body.d_gut
    d.CENT = body.d_central
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },
}
