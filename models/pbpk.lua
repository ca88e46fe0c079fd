-- A small whole-body model: blood carries the drug through lung, liver, gut, kidney, muscle, fat and the rest; each
-- organ takes up what its blood flow brings (perfusion limited). Structure as in Nestorov (2003); flows and volumes
-- of a man of 70 kg from Davies & Morris (1993). Blood and plasma are taken for one; the liver metabolises, the
-- kidney filters.

local pk   = require "parts.pk"
local pbpk = require "parts.pbpk"

local man = "Davies & Morris 1993, 70 kg"

return wane.model {
  name    = "pbpk",
  title   = "A small whole-body model",
  caption = "Flows and volumes are those of a man of 70 kg; what concerns the drug is an example and describes no "
         .. "particular one.",

  parameters = {
    -- name,   value, unit,   meaning,                                   badge,      source
    { "QHA",   18,    "L/h",  "blood flow, artery of the liver",         "measured", man .. ", 300 mL/min", min = 0 },
    { "QGU",   69,    "L/h",  "blood flow, wall of the gut and spleen", "measured", man .. ", 1150 mL/min", min = 0 },
    { "QKI",   74.4,  "L/h",  "blood flow, kidney",                      "measured", man .. ", 1240 mL/min", min = 0 },
    { "QMU",   45,    "L/h",  "blood flow, muscle",                      "measured", man .. ", 750 mL/min", min = 0 },
    { "QFA",   15.6,  "L/h",  "blood flow, fat",                         "measured", man .. ", 260 mL/min", min = 0 },
    { "QRE",   114,   "L/h",  "blood flow, rest",                        "measured", man .. ", left of 5600 mL/min", min = 0 },
    { "VBL",   5.2,   "L",    "volume of blood",                         "measured", man, above = 0 },
    { "VLU",   1.17,  "L",    "volume of the lung",                      "measured", man, above = 0 },
    { "VLI",   1.69,  "L",    "volume of the liver",                     "measured", man, above = 0 },
    { "VGU",   1.84,  "L",    "volume of gut wall and spleen",           "measured", man, above = 0 },
    { "VKI",   0.28,  "L",    "volume of the kidneys",                   "measured", man, above = 0 },
    { "VMU",   35,    "L",    "volume of muscle",                        "measured", man, above = 0 },
    { "VFA",   10,    "L",    "volume of fat",                           "measured", man, above = 0 },
    { "VRE",   9.6,   "L",    "volume of the rest: brain, heart, skin",  "measured", man, above = 0 },
    { "GFR",   7.5,   "L/h",  "glomerular filtration",                   "measured", man .. ", 125 mL/min", min = 0 },
    { "KPLU",  1.5,   "1",    "lung over blood",                         "assumed",  "example", above = 0 },
    { "KPLI",  4,     "1",    "liver over blood",                        "assumed",  "example", above = 0 },
    { "KPGU",  2,     "1",    "gut wall over blood",                     "assumed",  "example", above = 0 },
    { "KPKI",  3,     "1",    "kidney over blood",                       "assumed",  "example", above = 0 },
    { "KPMU",  1.2,   "1",    "muscle over blood",                       "assumed",  "example", above = 0 },
    { "KPFA",  8,     "1",    "fat over blood",                          "assumed",  "example", above = 0 },
    { "KPRE",  1.5,   "1",    "rest over blood",                         "assumed",  "example", above = 0 },
    { "FU",    0.2,   "1",    "unbound fraction in blood",               "assumed",  "example", min = 0, max = 1 },
    { "CLINT", 150,   "L/h",  "clearance of unbound drug by the liver's enzymes", "assumed", "example", min = 0 },
    { "KA",    1,     "1/h",  "absorption rate",                         "assumed",  "example", min = 0 },
    { "FA",    0.9,   "1",    "share of a swallowed dose that is absorbed", "assumed", "example", min = 0, max = 1 },
  },

  states = {
    { "GUT",    "mg", "drug in the gut, not yet absorbed" },
    { "BLOOD",  "mg", "drug in blood" },
    { "LUNG",   "mg", "drug in the lung" },
    { "LIVER",  "mg", "drug in the liver" },
    { "WALL",   "mg", "drug in the gut's wall and the spleen" },
    { "KIDNEY", "mg", "drug in the kidneys" },
    { "MUSCLE", "mg", "drug in muscle" },
    { "FAT",    "mg", "drug in fat" },
    { "REST",   "mg", "drug in the rest" },
    { "METAB",  "mg", "drug metabolised so far" },
    { "URINE",  "mg", "drug filtered so far" },
  },

  doses = {
    { "GUT",   "mg", "tablet",    into = "GUT", F = "FA" },
    { "BLOOD", "mg", "injection", into = "BLOOD" },
  },

  equations = function()
    local swallowed = pk.absorption{ ka = KA, depot = GUT }
    local QCO = QHA + QGU + QKI + QMU + QFA + QRE
    C = BLOOD / VBL

    -- all blood passes the lung; what leaves it feeds the organs, and that of the gut's wall passes the liver
    local lung = pbpk.organ{ amount = LUNG, V = VLU, Kp = KPLU, Q = QCO, inflow = C }
    local arterial = lung.out
    local wall   = pbpk.organ{ amount = WALL,   V = VGU, Kp = KPGU, Q = QGU, inflow = arterial }
    local kidney = pbpk.organ{ amount = KIDNEY, V = VKI, Kp = KPKI, Q = QKI, inflow = arterial }
    local muscle = pbpk.organ{ amount = MUSCLE, V = VMU, Kp = KPMU, Q = QMU, inflow = arterial }
    local fat    = pbpk.organ{ amount = FAT,    V = VFA, Kp = KPFA, Q = QFA, inflow = arterial }
    local rest   = pbpk.organ{ amount = REST,   V = VRE, Kp = KPRE, Q = QRE, inflow = arterial }
    local liver  = pbpk.organ{ amount = LIVER,  V = VLI, Kp = KPLI, Q = QHA + QGU,
      inflow = (QHA * arterial + QGU * wall.out) / (QHA + QGU) }
    local metabolism = CLINT * FU * liver.out
    local filtration = GFR * FU * arterial

    local returning = (QHA + QGU) * liver.out + QKI * kidney.out + QMU * muscle.out + QFA * fat.out + QRE * rest.out
    d.GUT    = swallowed.d_depot
    d.BLOOD  = returning - QCO * C
    d.LUNG   = lung.uptake
    d.WALL   = wall.uptake + swallowed.rate
    d.LIVER  = liver.uptake - metabolism
    d.KIDNEY = kidney.uptake - filtration
    d.MUSCLE, d.FAT, d.REST = muscle.uptake, fat.uptake, rest.uptake
    d.METAB, d.URINE = metabolism, filtration

    CLIVER, CKIDNEY, CMUSCLE, CFAT = liver.C, kidney.C, muscle.C, fat.C
  end,

  outputs = {
    { "C",       "mg/L", "concentration in venous blood" },
    { "CLIVER",  "mg/L", "concentration in the liver" },
    { "CKIDNEY", "mg/L", "concentration in the kidneys" },
    { "CMUSCLE", "mg/L", "concentration in muscle" },
    { "CFAT",    "mg/L", "concentration in fat" },
  },
}
