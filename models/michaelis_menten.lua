-- Elimination that saturates (Michaelis & Menten 1913): the enzyme works at its limit VM when the concentration is
-- far above KM, and a little more per day then means very much more in the blood. Phenytoin is the classic case.

local from = "phenytoin, textbook adult of 70 kg; order of magnitude"

return wane.model {
  name    = "michaelis_menten",
  title   = "One compartment with saturable elimination",
  caption = "A textbook model with numbers near those of phenytoin; people differ several-fold: not for dosing.",

  parameters = {
    -- name, value, unit,   meaning,                                            badge,     source
    { "VM",  20,    "mg/h", "largest rate of elimination",                      "assumed", from .. ", 7 mg/kg/d", min = 0 },
    { "KM",  4,     "mg/L", "concentration at half of the largest rate",        "assumed", from, above = 0 },
    { "V",   45,    "L",    "volume",                                           "assumed", from .. ", 0.65 L/kg", above = 0 },
    { "KA",  0.5,   "1/h",  "absorption rate",                                  "assumed", "example", min = 0 },
    { "F1",  0.9,   "1",    "bioavailability",                                  "assumed", "example", min = 0, max = 1 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = "GUT", F = "F1" },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    C = CENT / V
    CLEARANCE = VM / (KM + C)
    d.GUT  = -KA * GUT
    d.CENT =  KA * GUT - CLEARANCE * C
  end,

  outputs = {
    { "C",         "mg/L", "plasma concentration" },
    { "CLEARANCE", "L/h",  "clearance at this concentration" },
  },

  windows = {
    { "effective", of = "C", above = 10, meaning = "above 10 mg/L" },
    { "toxic",     of = "C", above = 20, meaning = "above 20 mg/L" },
  },
}
