-- A virus that lives on target cells (Perelson, Neumann, Markowitz and others 1996; Nowak & May 2000): T cells are
-- made and infected, infected cells I die, virus V is made and cleared. The drug keeps a share of the virus from
-- infecting. The run begins at the set point of an untreated infection; with CHRONIC = 0 it begins healthy, and V
-- takes a first dose.

local pk = require "parts.pk"

local from = {
  hiv  = "size usual for HIV-1 in untreated adults",
  drug = "example",
}

return wane.model {
  name    = "viral",
  title   = "Virus, target cells and a drug",
  caption = "A textbook model with numbers of the usual size for HIV; it leaves out immunity, latency and resistance.",

  parameters = {
    -- name,     value,  unit,          meaning,                                     badge,     source
    { "CL",      10,     "L/h",         "clearance",                                 "assumed", from.drug, min = 0 },
    { "VC",      60,     "L",           "volume",                                    "assumed", from.drug, above = 0 },
    { "KA",      1,      "1/h",         "absorption rate",                           "assumed", from.drug, min = 0 },
    { "EMAX",    0.99,   "1",           "largest share of infections prevented",     "assumed", from.drug, min = 0, max = 1 },
    { "EC50",    0.05,   "mg/L",        "concentration for half of it",              "assumed", from.drug, above = 0 },
    { "LAMBDA",  1e4,    "cells/mL/d",  "production of target cells",                "assumed", from.hiv, above = 0 },
    { "DT",      0.01,   "1/d",         "loss of target cells",                      "assumed", from.hiv, above = 0 },
    { "BETA",    2.4e-8, "mL/copies/d", "infection",                                 "assumed", from.hiv, above = 0 },
    { "DELTA",   1,      "1/d",         "loss of infected cells",                    "assumed", from.hiv, above = 0 },
    { "P",       2000,   "copies/cells/d", "virus made by an infected cell",         "assumed", from.hiv, above = 0 },
    { "CLV",     23,     "1/d",         "clearance of virus",                        "assumed", from.hiv, above = 0 },
    { "CHRONIC", 1,      "1",           "1 begins at the set point, 0 healthy",      "assumed", "a choice", min = 0, max = 1 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
    { "T",    "cells/mL", "target cells", initial = function()
        local healthy = LAMBDA / DT
        return CHRONIC * min(DELTA * CLV / (BETA * P), healthy) + (1 - CHRONIC) * healthy
      end },
    { "I",    "cells/mL", "infected cells",
      initial = function() return CHRONIC * max(LAMBDA / DELTA - DT * CLV / (BETA * P), 0) end },
    { "V",    "copies/mL", "virus",
      initial = function() return CHRONIC * max(P * LAMBDA / (DELTA * CLV) - DT / BETA, 0) end },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT" },
    { "CENT", "mg", "injection", into = "CENT" },
    { "V",    "copies/mL", "virus brought in", into = "V" },
  },

  equations = function()
    local drug = pk.oral{ gut = GUT, central = CENT, ka = KA, CL = CL, V = VC }
    C = drug.C
    EFFICACY = EMAX * C / (EC50 + C)
    local infection = (1 - EFFICACY) * BETA * V * T
    d.GUT, d.CENT = drug.d_gut, drug.d_central
    d.T = LAMBDA - DT * T - infection
    d.I = infection - DELTA * I
    d.V = P * I - CLV * V
  end,

  outputs = {
    { "C",        "mg/L",      "plasma concentration" },
    { "EFFICACY", "1",         "share of infections prevented" },
    { "V",        "copies/mL", "virus" },
    { "T",        "cells/mL",  "target cells" },
  },

  windows = {
    { "suppressed", of = "V", below = 50, meaning = "fewer than 50 copies per mL" },
  },
}
