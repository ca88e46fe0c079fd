-- Zero-order absorption over a modelled duration: a dose enters the blood at a constant rate, share F1 of it within D1
-- hours. LOAD remembers how large the dose is that is being absorbed, and forgets it at once when the gut is empty. A
-- dose should come after the one before it is absorbed; if it comes earlier, both are absorbed together, faster.

return wane.model {
  name    = "zero_order_absorption",
  title   = "Absorption at a constant rate",
  caption = "A textbook model; the numbers are examples and describe no particular drug.",

  parameters = {
    -- name, value, unit,  meaning,                      badge,     source
    { "CL",  10,    "L/h", "clearance",                  "assumed", "example", min = 0 },
    { "V",   60,    "L",   "volume",                     "assumed", "example", above = 0 },
    { "D1",  4,     "h",   "duration of the absorption", "assumed", "example", above = 0 },
    { "F1",  0.8,   "1",   "bioavailability",            "assumed", "example", min = 0, max = 1 },
    { "LAG", 0.5,   "h",   "absorption lag",             "assumed", "example", min = 0 },
  },

  states = {
    { "GUT",  "mg", "drug in the gut" },
    { "LOAD", "mg", "dose that is being absorbed" },
    { "CENT", "mg", "drug in the body" },
  },

  doses = {
    { "GUT",  "mg", "tablet",    into = { "GUT", "LOAD" }, F = "F1", lag = "LAG",
      amount = function(dose) return dose, dose end },
    { "CENT", "mg", "injection", into = "CENT" },
  },

  equations = function()
    local full = gt(GUT, 0)
    local absorbed = where(full, LOAD / D1, 0)
    C = CENT / V
    d.GUT  = -absorbed
    d.LOAD = where(full, 0, -1000 / D1 * LOAD)     -- gone within a hundredth of D1
    d.CENT =  absorbed - CL * C
  end,

  outputs = {
    { "C", "mg/L", "plasma concentration" },
  },
}
