-- Tolerance and rebound through a pool that runs dry (Sharma, Ebling & Jusko 1998): the drug stimulates the release
-- of a precursor P into the response R. P is refilled at a constant rate, so a long stimulation empties it, and while
-- it fills again the response stays low. With KS = 0 nothing is gained in the end: the areas above and below rest are
-- equal.

local pk = require "parts.pk"

return wane.model {
  name    = "tolerance_pool",
  title   = "Tolerance and rebound through a precursor pool",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name,  value, unit,   meaning,                                badge,     source
    { "CL",   10,    "L/h",  "clearance",                            "assumed", "example", min = 0 },
    { "V",    50,    "L",    "volume",                               "assumed", "example", above = 0 },
    { "KA",   1,     "1/h",  "absorption rate",                      "assumed", "example", min = 0 },
    { "K0",   1,     "1/h",  "production of the precursor",          "assumed", "example", min = 0 },
    { "KP",   0.1,   "1/h",  "release of the precursor",             "assumed", "example", above = 0 },
    { "KS",   0,     "1/h",  "loss of the precursor without effect", "assumed", "example", min = 0 },
    { "KOUT", 1,     "1/h",  "loss of the response",                 "assumed", "example", above = 0 },
    { "SMAX", 4,     "1",    "largest stimulation of the release",   "assumed", "example", min = 0 },
    { "SC50", 0.5,   "mg/L", "concentration for half of it",         "assumed", "example", above = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
    { "P",    "1",  "precursor", initial = function() return K0 / (KS + KP) end },
    { "R",    "1",  "response",  initial = function() return K0 / (KS + KP) * KP / KOUT end },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    local release = KP * (1 + SMAX * C / (SC50 + C)) * P
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.P = K0 - KS * P - release
    d.R = release - KOUT * R
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
    { "R", "1",    "response" },
    { "P", "1",    "precursor" },
  },

  windows = {
    { "raised",  of = "R", above = 1.05, baseline = "ratio", meaning = "response at least 5 % above its baseline" },
    { "rebound", of = "R", below = 0.95, baseline = "ratio", meaning = "response at least 5 % below its baseline" },
  },
}
