-- Two compartments with first-order absorption for the benchmarks of whole runs (bench/files): people differ at random,
-- or by the weight in a data set. Linear.

return wane.model {
  name    = "people_oral",
  title   = "Benchmark: two compartments, first-order absorption, many people",
  caption = "A benchmark; the numbers describe no particular drug.",

  parameters = {
    { "KA", 1,  "1/h", "absorption rate",                     "assumed", "benchmark" },
    { "CL", 5,  "L/h", "clearance of somebody of 70 kg",      "assumed", "benchmark" },
    { "V2", 20, "L",   "central volume of somebody of 70 kg", "assumed", "benchmark" },
    { "Q",  2,  "L/h", "exchange with the periphery",         "assumed", "benchmark" },
    { "V3", 50, "L",   "peripheral volume",                   "assumed", "benchmark" },
  },

  covariates = { { "WT", 70, "kg", "body weight" } },

  individual = {
    { "CL", cv = 0.3, "assumed", "benchmark" },
    { "V2", cv = 0.3, "assumed", "benchmark" },
  },

  states = {
    { "D", "mg", "drug in the gut" },
    { "C", "mg", "drug, central" },
    { "P", "mg", "drug, peripheral" },
  },

  doses = { { "D", "mg", "dose", into = "D" } },

  equations = function()
    local size = WT / q(70, "kg")
    local v = V2 * size
    d.D = -KA * D
    d.C = KA * D - (CL * size / v + Q / v) * C + Q / V3 * P
    d.P = Q / v * C - Q / V3 * P
    CONC = C / v
  end,

  outputs = { { "CONC", "mg/L", "concentration" } },
}
