-- Neutrophils under chemotherapy (Friberg, Henningsson, Maas, Nguyen & Karlsson 2002): dividing cells, three stages
-- of maturation, the blood. The drug slows division; the emptier the blood, the faster the marrow works (GAM), hence
-- the nadir after about a week and the overshoot after it. The drug is docetaxel over 1 h, with two compartments.

local pk = require "parts.pk"

local from = {
  marrow = "Friberg 2002, docetaxel, linear effect; figures as remembered",
  drug   = "Onoue 2016, docetaxel in Japanese women",
}

return wane.model {
  name    = "friberg",
  title   = "Neutrophils under chemotherapy (Friberg)",
  caption = "A published model with numbers fitted to docetaxel, as remembered and from two different groups of "
         .. "patients; not for dosing.",

  parameters = {
    -- name,   value, unit,       meaning,                              badge,      source
    { "MW",    807.9, "g/mol",    "molar mass of docetaxel",            "measured", "chemical formula", above = 0 },
    { "CL",    32.6,  "L/h",      "clearance",                          "fitted",   from.drug, min = 0 },
    { "V",     5.77,  "L",        "central volume",                     "fitted",   from.drug, above = 0 },
    { "Q",     5.34,  "L/h",      "exchange with the periphery",        "fitted",   from.drug, min = 0 },
    { "V2",    11,    "L",        "peripheral volume",                  "fitted",   from.drug, above = 0 },
    { "CIRC0", 5050,  "cells/uL", "neutrophils in blood without drug",  "fitted",   from.marrow, above = 0 },
    { "MTT",   88.7,  "h",        "mean time from division to blood",   "fitted",   from.marrow, above = 0 },
    { "GAM",   0.161, "1",        "strength of the feedback",           "fitted",   from.marrow, min = 0 },
    { "SLOPE", 8.58,  "L/umol",   "effect of the drug on division",     "fitted",   from.marrow, min = 0 },
  },

  states = {
    { "CENT", "umol", "drug, central" },
    { "PERI", "umol", "drug, peripheral" },
    { "PROL", "cells/uL", "dividing cells",             initial = "CIRC0" },
    { "TR1",  "cells/uL", "maturing cells, stage 1",    initial = "CIRC0" },
    { "TR2",  "cells/uL", "maturing cells, stage 2",    initial = "CIRC0" },
    { "TR3",  "cells/uL", "maturing cells, stage 3",    initial = "CIRC0" },
    { "CIRC", "cells/uL", "neutrophils in blood",       initial = "CIRC0" },
  },

  doses = {
    { "CENT", "mg", "infusion", into = "CENT", amount = function(dose) return dose / MW end },
  },

  equations = function()
    local body = pk.two_compartment{ central = CENT, peripheral = PERI, CL = CL, V1 = V, Q = Q, V2 = V2, input = 0 }
    C = body.C1
    d.CENT, d.PERI = body.d_central, body.d_peripheral

    local KTR = 4 / MTT
    local feedback = (CIRC0 / CIRC) ^ GAM
    d.PROL = KTR * PROL * ((1 - SLOPE * C) * feedback - 1)
    d.TR1  = KTR * (PROL - TR1)
    d.TR2  = KTR * (TR1 - TR2)
    d.TR3  = KTR * (TR2 - TR3)
    d.CIRC = KTR * (TR3 - CIRC)
  end,

  outputs = {
    { "C",    "umol/L",   "plasma concentration" },
    { "CIRC", "cells/uL", "neutrophils in blood" },
  },

  windows = {
    { "neutropenia", of = "CIRC", below = 1000, meaning = "neutrophils below 1000 per uL (grade 3 or worse)" },
    { "severe",      of = "CIRC", below = 500,  meaning = "neutrophils below 500 per uL (grade 4)" },
  },
}
