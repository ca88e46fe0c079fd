-- W2: target-mediated disposition in full, absorbed slowly, as the benchmarks run it. Mildly stiff.

return wane.model {
  name    = "w2",
  title   = "Benchmark W2: target-mediated drug disposition",
  caption = "A benchmark; the numbers describe no particular drug.",

  parameters = {
    { "KA",   0.01,  "1/h",        "absorption rate",               "assumed", "benchmark" },
    { "F",    0.7,   "1",          "bioavailability",               "assumed", "benchmark" },
    { "V",    3,     "L",          "central volume",                "assumed", "benchmark" },
    { "KEL",  0.003, "1/h",        "elimination rate",              "assumed", "benchmark" },
    { "KPT",  0.01,  "1/h",        "rate into the periphery",       "assumed", "benchmark" },
    { "KTP",  0.02,  "1/h",        "rate out of the periphery",     "assumed", "benchmark" },
    { "KON",  0.1,   "L/(nmol*h)", "binding rate",                  "assumed", "benchmark" },
    { "KOFF", 0.01,  "1/h",        "rate of letting go",            "assumed", "benchmark" },
    { "KINT", 0.05,  "1/h",        "internalisation of complexes",  "assumed", "benchmark" },
    { "KDEG", 0.1,   "1/h",        "loss of the target",            "assumed", "benchmark" },
    { "KSYN", 1,     "nmol/L/h",   "synthesis of the target",       "assumed", "benchmark" },
  },

  states = {
    { "D",  "nmol",   "drug to be absorbed" },
    { "L",  "nmol/L", "free drug" },
    { "R",  "nmol/L", "free target", initial = function() return KSYN / KDEG end },
    { "RC", "nmol/L", "complex" },
    { "P",  "nmol",   "drug, peripheral" },
  },

  doses = { { "D", "nmol", "dose", into = "D" } },

  equations = function()
    local binding = KON * L * R - KOFF * RC
    d.D  = -KA * D
    d.L  = KA * F * D / V - (KEL + KPT) * L + KTP * P / V - binding
    d.R  = KSYN - KDEG * R - binding
    d.RC = binding - KINT * RC
    d.P  = KPT * L * V - KTP * P
  end,

  outputs = { { "L", "nmol/L", "free drug" } },
}
