-- W1: two compartments with first-order absorption, as the benchmarks run it. Linear.

return wane.model {
  name    = "w1",
  title   = "Benchmark W1: two compartments, first-order absorption",
  caption = "A benchmark; the numbers describe no particular drug.",

  parameters = {
    { "KA", 1,  "1/h", "absorption rate",             "assumed", "benchmark" },
    { "CL", 1,  "L/h", "clearance",                   "assumed", "benchmark" },
    { "V2", 20, "L",   "central volume",              "assumed", "benchmark" },
    { "Q",  2,  "L/h", "exchange with the periphery", "assumed", "benchmark" },
    { "V3", 10, "L",   "peripheral volume",           "assumed", "benchmark" },
  },

  states = {
    { "D", "mg", "drug in the gut" },
    { "C", "mg", "drug, central" },
    { "P", "mg", "drug, peripheral" },
  },

  doses = { { "D", "mg", "dose", into = "D" } },

  equations = function()
    d.D = -KA * D
    d.C = KA * D - (CL / V2 + Q / V2) * C + Q / V3 * P
    d.P = Q / V2 * C - Q / V3 * P
    CONC = C / V2
  end,

  outputs = { { "CONC", "mg/L", "concentration" } },
}
