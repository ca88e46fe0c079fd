-- Tolerance and rebound through a moderator (Gabrielsson & Peletier 2007, 2008): the response R drives a moderator M
-- that holds its production back, R' = KIN S(C) / M - KOUT R, M' = KTOL (R - M). While the drug is there the response
-- first overshoots, then settles; when the drug goes the moderator is still up, and the response falls below its
-- baseline.

local pk = require "parts.pk"

return wane.model {
  name    = "tolerance_moderator",
  title   = "Tolerance and rebound through a moderator",
  caption = "A textbook model of feedback; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name,  value, unit,   meaning,                                badge,     source
    { "CL",   10,    "L/h",  "clearance",                            "assumed", "example", min = 0 },
    { "V",    50,    "L",    "volume",                               "assumed", "example", above = 0 },
    { "KA",   1,     "1/h",  "absorption rate",                      "assumed", "example", min = 0 },
    { "KIN",  1,     "1/h",  "production of the response",           "assumed", "example", min = 0 },
    { "KOUT", 1,     "1/h",  "loss of the response",                 "assumed", "example", above = 0 },
    { "KTOL", 0.05,  "1/h",  "rate at which the moderator follows",  "assumed", "example", min = 0 },
    { "SMAX", 3,     "1",    "largest stimulation of production",    "assumed", "example", min = 0 },
    { "SC50", 0.5,   "mg/L", "concentration for half of it",         "assumed", "example", above = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
    { "R",    "1",  "response",  initial = function() return sqrt(KIN / KOUT) end },
    { "M",    "1",  "moderator", initial = function() return sqrt(KIN / KOUT) end },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.R = KIN * (1 + SMAX * C / (SC50 + C)) / M - KOUT * R
    d.M = KTOL * (R - M)
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
    { "R", "1",    "response" },
    { "M", "1",    "moderator" },
  },

  windows = {
    { "raised",  of = "R", above = 1.05, baseline = "ratio", meaning = "response at least 5 % above its baseline" },
    { "rebound", of = "R", below = 0.95, baseline = "ratio", meaning = "response at least 5 % below its baseline" },
  },
}
