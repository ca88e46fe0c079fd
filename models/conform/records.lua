-- The model of the dose-record situations in this folder (`wane conform`): two compartments and a gut, every feature a
-- record can ask for, and numbers chosen so that no two of them are easily confused.

local pk = require "parts.pk"

return wane.model {
  name    = "records",
  title   = "Two compartments for dose records",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                                 badge,     source
    { "CL",  4,     "L/h", "clearance of somebody of 70 kg",        "assumed", "example" },
    { "V",   20,    "L",   "central volume",                        "assumed", "example" },
    { "Q",   3,     "L/h", "exchange with the periphery",           "assumed", "example" },
    { "V2",  40,    "L",   "peripheral volume",                     "assumed", "example" },
    { "KA",  0.9,   "1/h", "absorption rate",                       "assumed", "example" },
    { "F1",  0.6,   "1",   "bioavailability of a tablet, fasting",  "assumed", "example" },
    { "LAG", 0.5,   "h",   "absorption lag of a tablet",            "assumed", "example" },
    { "R1",  12,    "mg/h", "rate left to the model, while PUMP is 1",    "assumed", "example" },
    { "D1",  3,     "h",   "duration left to the model",            "assumed", "example" },
  },

  covariates = {
    { "WT",   70, "kg", "body weight, which clearance follows" },
    { "FOOD", 1,  "1",  "factor on a tablet's bioavailability" },
    { "OPEN", 1,  "1",  "1 while a tablet is absorbed, 0 while it is not" },
    { "PUMP", 1,  "1",  "factor on the rate left to the model" },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "CENT", "mg", "drug, central" },
    { "PERI", "mg", "drug, peripheral" },
  },

  doses = {
    { "GUT",  "mg", "tablet", into = "GUT", lag = "LAG", F = function() return F1 * FOOD end },
    { "CENT", "mg", "into a vein", into = "CENT", rate = function() return R1 * PUMP end, duration = "D1" },
    { "HALF", "mg", "into a vein, of which half is lost", into = "CENT", F = 0.5, rate = "R1", duration = "D1" },
    { "LATE", "mg", "into a vein, 1.5 h late", into = "CENT", lag = 1.5, rate = "R1", duration = "D1" },
  },

  equations = function()
    local body = pk.two_compartment{ central = CENT, peripheral = PERI, CL = CL * WT / q(70, "kg"), V1 = V, Q = Q, V2 = V2,
      input = KA * OPEN * GUT }
    C = body.C1
    d.GUT, d.CENT, d.PERI = -KA * OPEN * GUT, body.d_central, body.d_peripheral
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },
}
