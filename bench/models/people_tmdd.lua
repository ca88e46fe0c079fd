-- W2's equations for the benchmarks of whole runs (bench/files): people differ at random.

return wane.model {
  name    = "people_tmdd",
  title   = "Benchmark: target-mediated disposition in full, many people",
  caption = "A benchmark; the numbers describe no particular drug.",

  parameters = {
    { "KA",   0.01,  "1/h",      "absorption rate",             "assumed", "benchmark" },
    { "F",    0.7,   "1",        "bioavailability",             "assumed", "benchmark" },
    { "V",    3,     "L",        "central volume",              "assumed", "benchmark" },
    { "KEL",  0.003, "1/h",      "elimination",                 "assumed", "benchmark" },
    { "KPT",  0.01,  "1/h",      "to the periphery",            "assumed", "benchmark" },
    { "KTP",  0.02,  "1/h",      "and back",                    "assumed", "benchmark" },
    { "KON",  0.1,   "L/nmol/h", "binding",                     "assumed", "benchmark" },
    { "KOFF", 0.01,  "1/h",      "unbinding",                   "assumed", "benchmark" },
    { "KINT", 0.05,  "1/h",      "internalisation",             "assumed", "benchmark" },
    { "KDEG", 0.1,   "1/h",      "loss of the target",          "assumed", "benchmark" },
    { "KSYN", 1,     "nmol/L/h", "production of the target",    "assumed", "benchmark" },
  },

  individual = {
    { "V",    cv = 0.3, "assumed", "benchmark" },
    { "KEL",  cv = 0.3, "assumed", "benchmark" },
    { "KINT", cv = 0.3, "assumed", "benchmark" },
    { "KSYN", cv = 0.3, "assumed", "benchmark" },
  },

  states = {
    { "D",  "nmol",   "drug under the skin" },
    { "L",  "nmol/L", "free drug" },
    { "R",  "nmol/L", "free target", initial = function() return KSYN / KDEG end },
    { "RC", "nmol/L", "complex" },
    { "P",  "nmol",   "drug, peripheral" },
  },

  doses = { { "D", "nmol", "injection under the skin", into = "D" } },

  equations = function()
    local binding = KON * L * R - KOFF * RC
    d.D = -KA * D
    d.L = KA * F * D / V - (KEL + KPT) * L + KTP * P / V - binding
    d.R = KSYN - KDEG * R - binding
    d.RC = binding - KINT * RC
    d.P = KPT * L * V - KTP * P
    CONC = L
  end,

  outputs = { { "CONC", "nmol/L", "free drug" } },
}
