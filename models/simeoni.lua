-- Tumour growth in mice (Simeoni, Magni, Cammia and others 2004): exponential growth at L0 until the tumour is as
-- heavy as L1 / L0, then by L1 a day. Cells that the drug has hit stop dividing and die after three more stages of
-- K1. All of them are weighed together. Doses are per kg of mouse.

local from = {
  drug   = "paclitaxel in mice; Terranova 2018 uses the same",
  tumour = "Simeoni 2004, paclitaxel; figures as remembered",
}

return wane.model {
  name    = "simeoni",
  title   = "Tumour growth and delayed death in mice (Simeoni)",
  caption = "A published model with numbers fitted to paclitaxel in mice, as remembered.",

  parameters = {
    -- name,  value,   unit,      meaning,                                   badge,     source
    { "V",    0.813,   "L/kg",    "central volume",                          "fitted",  from.drug, above = 0 },
    { "K10",  0.868,   "1/h",     "elimination rate",                        "fitted",  from.drug, min = 0 },
    { "K12",  0.006,   "1/h",     "rate into the periphery",                 "fitted",  from.drug, min = 0 },
    { "K21",  0.0838,  "1/h",     "rate back from it",                       "fitted",  from.drug, min = 0 },
    { "W0",   0.055,   "g",       "weight of the tumour at the start",       "fitted",  from.tumour, above = 0 },
    { "L0",   0.273,   "1/d",     "rate of exponential growth",              "fitted",  from.tumour, above = 0 },
    { "L1",   0.814,   "g/d",     "rate of linear growth",                   "fitted",  from.tumour, above = 0 },
    { "PSI",  20,      "1",       "sharpness of the change between the two", "assumed", "Simeoni 2004, fixed", above = 0 },
    { "K1",   0.968,   "1/d",     "rate of each stage of dying",             "fitted",  from.tumour, min = 0 },
    { "K2",   6.29e-4, "mL/ng/d", "cells hit per concentration",             "fitted",  from.tumour, min = 0 },
  },

  states = {
    { "CENT", "ug/kg", "drug, central" },
    { "PERI", "ug/kg", "drug, peripheral" },
    { "X1",   "g", "dividing cells", initial = "W0" },
    { "X2",   "g", "dying cells, stage 1" },
    { "X3",   "g", "dying cells, stage 2" },
    { "X4",   "g", "dying cells, stage 3" },
  },

  doses = {
    { "CENT", "mg/kg", "injection", into = "CENT" },
  },

  equations = function()
    C = CENT / V
    d.CENT = K21 * PERI - (K10 + K12) * CENT
    d.PERI = K12 * CENT - K21 * PERI

    W = X1 + X2 + X3 + X4
    local hit = K2 * C * X1
    d.X1 = L0 * X1 / (1 + (L0 / L1 * W) ^ PSI) ^ (1 / PSI) - hit
    d.X2 = hit - K1 * X2
    d.X3 = K1 * (X2 - X3)
    d.X4 = K1 * (X3 - X4)
  end,

  outputs = {
    { "C", "ng/mL", "plasma concentration" },
    { "W", "g",     "weight of the tumour" },
  },

  windows = {
    { "small", of = "W", below = 1, meaning = "tumour lighter than 1 g" },
  },
}
