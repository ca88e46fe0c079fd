-- Glucose and insulin, Bergman's minimal model (Bergman, Ider, Bowden & Cobelli 1979; insulin as in Pacini & Bergman
-- 1986): glucose is taken up by itself (SG) and by insulin acting from a remote place (X). Secretion follows glucose
-- above the threshold H. The original lets secretion also grow with time since the injection; that factor is left out
-- here.

local from = {
  usual = "size usual in healthy adults",
  own   = "example, so that insulin peaks at the usual height",
}

return wane.model {
  name    = "minimal_glucose",
  title   = "Glucose and insulin (Bergman's minimal model)",
  caption = "A textbook model with numbers of the usual size for healthy adults; secretion is simplified and there is "
         .. "no meal.",

  parameters = {
    -- name,   value,  unit,       meaning,                                           badge,     source
    { "GB",    92,     "mg/dL",    "glucose at rest",                                 "assumed", from.usual, above = 0 },
    { "IB",    8,      "mU/L",     "insulin at rest",                                 "assumed", from.usual, above = 0 },
    { "SG",    0.026,  "1/min",    "glucose effectiveness",                           "assumed", from.usual, min = 0 },
    { "P2",    0.025,  "1/min",    "rate at which insulin's action follows",          "assumed", from.usual, min = 0 },
    { "SI",    5e-4,   "L/mU/min", "insulin sensitivity",                             "assumed", from.usual, min = 0 },
    { "N",     0.2,    "1/min",    "loss of insulin",                                 "assumed", from.usual, min = 0 },
    { "GAMMA", 0.08,   "mU/L/min/(mg/dL)", "secretion by glucose above the threshold", "assumed", from.own, min = 0 },
    { "H",     95,     "mg/dL",    "threshold of secretion",                          "assumed", from.usual, min = 0 },
    { "VG",    11.7,   "L",        "volume of glucose",                               "assumed", from.usual, above = 0 },
    { "VI",    8.4,    "L",        "volume of insulin",                               "assumed", from.usual, above = 0 },
  },

  states = {
    { "G", "mg/dL", "glucose in plasma", initial = "GB" },
    { "X", "1/min", "insulin's action" },
    { "I", "mU/L",  "insulin in plasma", initial = "IB" },
  },

  doses = {
    { "GLUCOSE", "g", "glucose into a vein", into = "G", amount = function(dose) return dose / VG end },
    { "INSULIN", "U", "insulin into a vein", into = "I", amount = function(dose) return dose / VI end },
  },

  equations = function()
    d.G = SG * (GB - G) - X * G
    d.X = P2 * (SI * (I - IB) - X)
    d.I = GAMMA * max(G - H, 0) - N * (I - IB)
  end,

  outputs = {
    { "G", "mg/dL", "glucose in plasma" },
    { "I", "mU/L",  "insulin in plasma" },
  },

  windows = {
    { "high", of = "G", above = 140, meaning = "glucose above 140 mg/dL" },
    { "low",  of = "G", below = 70,  meaning = "glucose below 70 mg/dL" },
  },
}
