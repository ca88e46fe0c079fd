-- W3: blockade of a receptor by a drug and its metabolite, with feedback and a daily rhythm, as the benchmarks run it.

return wane.model {
  name    = "w3",
  title   = "Benchmark W3: blockade, feedback and the clock",
  caption = "A benchmark; the numbers describe no particular drug.",

  parameters = {
    { "KA",    1.5,   "1/h",    "absorption rate",                    "assumed", "benchmark" },
    { "CL",    210,   "L/h",    "clearance",                          "assumed", "benchmark" },
    { "V",     1350,  "L",      "volume",                             "assumed", "benchmark" },
    { "K12",   0.10,  "1/h",    "rate into the periphery",            "assumed", "benchmark" },
    { "K21",   0.05,  "1/h",    "rate out of the periphery",          "assumed", "benchmark" },
    { "FB",    0.40,  "1",      "share absorbed unchanged",           "assumed", "benchmark" },
    { "FM",    0.5,   "1",      "share cleared into the metabolite",  "assumed", "benchmark" },
    { "CLM",   40,    "L/h",    "clearance of the metabolite",        "assumed", "benchmark" },
    { "VM",    750,   "L",      "volume of the metabolite",           "assumed", "benchmark" },
    { "KE0",   0.5,   "1/h",    "equilibration of the drug",          "assumed", "benchmark" },
    { "KE0M",  0.4,   "1/h",    "equilibration of the metabolite",    "assumed", "benchmark" },
    { "KI",    1,     "nmol/L", "affinity of the drug",               "assumed", "benchmark" },
    { "KIM",   4,     "nmol/L", "affinity of the metabolite",         "assumed", "benchmark" },
    { "KE",    2,     "1",      "affinity of the body's own ligand",  "assumed", "benchmark" },
    { "E0",    1,     "1",      "resting level of that ligand",       "assumed", "benchmark" },
    { "KOE",   1.386, "1/h",    "loss of that ligand",                "assumed", "benchmark" },
    { "AMP",   0.4,   "1",      "daily swing of its production",      "assumed", "benchmark" },
    { "TPK",   8,     "h",      "clock time of the peak",             "assumed", "benchmark" },
    { "GAM",   1.5,   "1",      "steepness of the feedback",          "assumed", "benchmark" },
    { "KOR",   0.02,  "1/h",    "turnover of the receptor",           "assumed", "benchmark" },
    { "UPMAX", 1,     "1",      "largest growth of the receptor",     "assumed", "benchmark" },
    { "KOI",   0.005, "1/h",    "turnover of inflammation",           "assumed", "benchmark" },
    { "IMAX",  0.8,   "1",      "largest suppression",                "assumed", "benchmark" },
    { "S50",   0.2,   "1",      "signal for half of it",              "assumed", "benchmark" },
  },

  states = {
    { "GUT", "nmol",   "drug in the gut" },
    { "NTX", "nmol",   "drug, central" },
    { "PER", "nmol",   "drug, peripheral" },
    { "MET", "nmol",   "metabolite" },
    { "CE",  "nmol/L", "drug at the receptor" },
    { "CM",  "nmol/L", "metabolite at the receptor" },
    { "END", "1",      "the body's own ligand", initial = function() return E0 end },
    { "REC", "1",      "receptor density", initial = 1 },
    { "INF", "1",      "inflammation",
      initial = function()
        local S0 = (E0 / KE) / (1 + E0 / KE)
        return 1 - IMAX * S0 / (S50 + S0)
      end },
  },

  doses = { { "GUT", "nmol", "tablet", into = "GUT" } },

  equations = function()
    local C, M, bE = NTX / V, MET / VM, END / KE
    local blk = CE / KI + CM / KIM
    local den = 1 + bE + blk
    OCC = blk / den
    local S  = REC * bE / den
    local S0 = (E0 / KE) / (1 + E0 / KE)
    local KPROD = KOE * E0 * circadian(TPK, AMP) * (S0 / S) ^ GAM
    d.GUT = -KA * GUT
    d.NTX = FB * KA * GUT - CL / V * NTX - K12 * NTX + K21 * PER
    d.PER = K12 * NTX - K21 * PER
    d.MET = (1 - FB) * KA * GUT + FM * (CL / V) * NTX - CLM / VM * MET
    d.CE  = KE0 * (C - CE)
    d.CM  = KE0M * (M - CM)
    d.END = KPROD - KOE * END
    d.REC = KOR * (1 + UPMAX * OCC) - KOR * REC
    d.INF = KOI * (1 - IMAX * S / (S50 + S)) - KOI * INF
  end,

  outputs = { { "OCC", "1", "occupancy" } },
}
