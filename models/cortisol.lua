-- Cortisol suppressed by a steroid drug: indirect response I on a production that swings with the clock (Lew, Ludwig,
-- Milad and others 1993; Chakraborty, Krzyzanski & Jusko 1999, single cosine). What a dose does depends on its hour:
-- at night it takes away the morning's rise. The run begins on the drug-free rhythm, whatever the parameters.

local pk     = require "parts.pk"
local rhythm = require "parts.rhythm"

local from = "size usual for prednisolone in adults"

return wane.model {
  name    = "cortisol",
  title   = "Cortisol rhythm and its suppression by a steroid",
  caption = "A textbook model with numbers of the usual size for prednisolone; a real day has pulses and a steeper "
         .. "morning.",

  parameters = {
    -- name,   value, unit,     meaning,                                        badge,     source
    { "CL",    10,    "L/h",    "clearance",                                    "assumed", from, min = 0 },
    { "V",     45,    "L",      "volume",                                       "assumed", from, above = 0 },
    { "KA",    1.5,   "1/h",    "absorption rate",                              "assumed", from, min = 0 },
    { "MESOR", 250,   "nmol/L", "cortisol without drug, mean of the day",       "assumed", "size usual in adults", above = 0 },
    { "AMP",   0.9,   "1",      "swing of the production, share of its mean",   "assumed", "example", min = 0, max = 1 },
    { "PEAK",  6.5,   "h",      "clock time of the highest production",         "assumed", "size usual in adults" },
    { "KOUT",  0.5,   "1/h",    "loss of cortisol",                             "assumed", "half-life about 80 min", above = 0 },
    { "IMAX",  1,     "1",      "largest inhibition of the production",         "assumed", "example", min = 0, max = 1 },
    { "IC50",  20,    "ng/mL",  "concentration for half of it",                 "assumed", from, above = 0 },
  },

  states = {
    { "GUT",  "ug",     "drug in the gut" },
    { "CENT", "ug",     "drug in the body" },
    { "CORT", "nmol/L", "cortisol", initial = function()
        -- the level peaks later than its production and swings less
        local level = rhythm.response(KOUT, q(24, "h"))
        return MESOR * circadian(PEAK + level.delay, AMP / level.damping)
      end },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = V }
    C = drug.C
    local production = KOUT * MESOR * circadian(PEAK, AMP)
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.CORT = production * (1 - IMAX * C / (IC50 + C)) - KOUT * CORT
  end,

  outputs = {
    { "C",    "ng/mL",  "plasma concentration" },
    { "CORT", "nmol/L", "cortisol" },
  },

  windows = {
    { "suppressed", of = "CORT", below = 0.5, baseline = "ratio", meaning = "cortisol below half of what it would be" },
  },
}
