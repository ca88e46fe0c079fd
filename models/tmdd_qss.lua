-- Target-mediated drug disposition with the complex always at steady state (quasi-steady state, Gibiansky, Gibiansky,
-- Kakkar & Ma 2008): as tmdd_qe, but with KSS = (KOFF + KINT) / KON, which also holds where internalisation is not
-- slow against unbinding. CENT holds all drug of the plasma, free and bound.

local pk   = require "parts.pk"
local tmdd = require "parts.tmdd"

local from = "example of the size usual for antibodies against a receptor on cells"

return wane.model {
  name    = "tmdd_qss",
  title   = "Target-mediated drug disposition, quasi-steady state",
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
    { "KSS",  0.55,   "nmol/L",   "steady-state constant",               "assumed", from, above = 0 },
    { "KSYN", 0.06,   "nmol/L/h", "production of the target",            "assumed", from, min = 0 },
    { "KDEG", 0.03,   "1/h",      "loss of free target",                 "assumed", from, above = 0 },
    { "KINT", 0.02,   "1/h",      "internalisation of the complex",      "assumed", from, min = 0 },
  },

  states = {
    { "SC",   "nmol",   "drug under the skin" },
    { "CENT", "nmol",   "drug, central, free and bound" },
    { "PERI", "nmol",   "drug, peripheral" },
    { "RTOT", "nmol/L", "target, free and bound", initial = function() return KSYN / KDEG end },
  },

  doses = {
    { "SC",   "mg", "injection under the skin", into = "SC", F = "F1", amount = function(dose) return dose / MW end },
    { "CENT", "mg", "injection into a vein", into = "CENT", amount = function(dose) return dose / MW end },
  },

  equations = function()
    local skin = pk.absorption{ ka = KA, depot = SC }
    local bound = tmdd.equilibrium{ drug = CENT, target = RTOT, V = V, K = KSS, ksyn = KSYN, kdeg = KDEG, kint = KINT }
    local body = pk.two_compartment{ central = V * bound.C, peripheral = PERI, CL = CL, V1 = V, Q = Q, V2 = V2,
      input = skin.rate - bound.internalised }
    C, RC = bound.C, bound.RC
    CTOT, R = CENT / V, RTOT - RC
    OCC = RC / RTOT
    d.SC, d.CENT, d.PERI = skin.d_depot, body.d_central, body.d_peripheral
    d.RTOT = bound.d_target
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
