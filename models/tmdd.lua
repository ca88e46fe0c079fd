-- Target-mediated drug disposition, in full (Mager & Jusko 2001): an antibody binds its target R, the complex RC is
-- taken into cells, and so a small dose is cleared faster than a large one. Binding is written out with KON and KOFF;
-- tmdd_qe and tmdd_qss are its two common approximations, with the same kinetics otherwise.

local pk = require "parts.pk"

local from = "example of the size usual for antibodies against a receptor on cells"

return wane.model {
  name    = "tmdd",
  title   = "Target-mediated drug disposition, full model",
  caption = "A textbook model; the numbers are of the size usual for antibodies and describe no particular drug.",

  parameters = {
    -- name,  value,  unit,       meaning,                               badge,     source
    { "MW",   150000, "g/mol",    "molar mass of the antibody",          "assumed", from, above = 0 },
    { "CL",   0.01,   "L/h",      "clearance of free drug",              "assumed", from, min = 0 },
    { "V",    3,      "L",        "central volume",                      "assumed", from, above = 0 },
    { "Q",    0.02,   "L/h",      "exchange with the periphery",         "assumed", from, min = 0 },
    { "V2",   2.5,    "L",        "peripheral volume",                   "assumed", from, above = 0 },
    { "KA",   0.012,  "1/h",      "absorption rate from under the skin", "assumed", from, min = 0 },
    { "F1",   0.65,   "1",        "bioavailability from under the skin", "assumed", from, min = 0, max = 1 },
    { "KON",  0.4,    "L/nmol/h", "binding rate",                        "assumed", from, min = 0 },
    { "KOFF", 0.2,    "1/h",      "unbinding rate",                      "assumed", from, min = 0 },
    { "KSYN", 0.06,   "nmol/L/h", "production of the target",            "assumed", from, min = 0 },
    { "KDEG", 0.03,   "1/h",      "loss of free target",                 "assumed", from, above = 0 },
    { "KINT", 0.02,   "1/h",      "internalisation of the complex",      "assumed", from, min = 0 },
  },

  states = {
    { "SC",   "nmol",   "drug under the skin" },
    { "CENT", "nmol",   "free drug, central" },
    { "PERI", "nmol",   "drug, peripheral" },
    { "R",    "nmol/L", "free target", initial = function() return KSYN / KDEG end },
    { "RC",   "nmol/L", "drug bound to target" },
  },

  doses = {
    { "SC",   "mg", "injection under the skin", into = "SC", F = "F1", amount = function(dose) return dose / MW end },
    { "CENT", "mg", "injection into a vein", into = "CENT", amount = function(dose) return dose / MW end },
  },

  equations = function()
    local skin = pk.absorption{ ka = KA, depot = SC }
    local binding = KON * (CENT / V) * R - KOFF * RC
    local body = pk.two_compartment{ central = CENT, peripheral = PERI, CL = CL, V1 = V, Q = Q, V2 = V2,
      input = skin.rate - V * binding }
    C = body.C1
    CTOT, RTOT = C + RC, R + RC
    OCC = RC / RTOT
    d.SC, d.CENT, d.PERI = skin.d_depot, body.d_central, body.d_peripheral
    d.R  = KSYN - KDEG * R - binding
    d.RC = binding - KINT * RC
  end,

  outputs = {
    { "C",    "nmol/L", "free drug" },
    { "CTOT", "nmol/L", "drug, free and bound" },
    { "R",    "nmol/L", "free target" },
    { "RC",   "nmol/L", "drug bound to target" },
    { "RTOT", "nmol/L", "target, free and bound" },
    { "OCC",  "%",      "share of the target that is bound" },
  },

  windows = {
    { "saturated", of = "OCC", above = 90, meaning = "more than 90 % of the target bound" },
  },
}
