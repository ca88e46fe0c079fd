-- Indirect response model III (Dayneka, Garg & Jusko 1993): the drug stimulates the production of the response. R is
-- made at rate KIN, lost at KOUT R and rests at KIN / KOUT; it rises and returns late, because it must be made or
-- lost first.

local pk = require "parts.pk"

local from = {
  paper = "Dayneka 1993, values of their simulations",
  own   = "example",
}

return wane.model {
  name    = "irm3",
  title   = "Indirect response III: stimulation of production",
  caption = "A textbook model; the numbers are those of theoretical simulations and describe no particular drug.",

  parameters = {
    -- name,  value, unit,    meaning,                           badge,     source
    { "CL",   27,    "L/h",   "clearance",                       "assumed", from.paper .. ", 0.3 1/h x 90 L", min = 0 },
    { "V",    90,    "L",     "volume",                          "assumed", from.paper, above = 0 },
    { "KA",   1,     "1/h",   "absorption rate",                 "assumed", from.own, min = 0 },
    { "KIN",  9,     "1/h",   "production of the response",      "assumed", from.paper, min = 0 },
    { "KOUT", 0.3,   "1/h",   "loss of the response",            "assumed", from.paper, above = 0 },
    { "SMAX", 2,     "1",     "largest stimulation",              "assumed", from.own, min = 0 },
    { "SC50", 100,   "ng/mL", "concentration for half of it",     "assumed", from.paper, above = 0 },
  },

  states = {
    { "GUT",  "ug", "drug in the gut" },
    { "CENT", "ug", "drug in the body" },
    { "R",    "1",  "response", initial = function() return KIN / KOUT end },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    local STIMULATION = SMAX * C / (SC50 + C)
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.R = KIN * (1 + STIMULATION) - KOUT * R
  end,

  outputs = {
    { "C", "ng/mL", "plasma concentration" },
    { "R", "1",     "response" },
  },

  windows = {
    { "effective", of = "R", above = 1.5, baseline = "ratio", meaning = "response at least half above rest" },
  },
}
