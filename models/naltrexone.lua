-- Naltrexone and the body's own opioids: how long the mu-opioid receptor is blocked after a dose, and how the body
-- answers. The same equations carry low-dose naltrexone (1.5 to 4.5 mg), the standard 50 mg tablet, the monthly depot,
-- naloxone, and an opioid taken on top.
--
-- Read the badges. The plasma curves and the occupancy up to 50 mg rest on published human data; everything from "tone"
-- onwards - the rebound, the receptors' growth, glia, symptoms - is a hypothesis put into numbers.
--
-- Time in h, amounts in nmol, concentrations in nmol/L; receptors relative to their density without drug, bound ligands
-- as fractions of the receptors there are, peptides relative to their drug-free 24-h mean.
--
-- Isomers: the naltrexone states carry both isomers together (same kinetics assumed). The share 1 - f_dextro acts on
-- opioid receptors; both act on TLR4. The marketed drug is the single opioid-active isomer, f_dextro = 0.

local pk        = require "parts.pk"
local receptor  = require "parts.receptor"
local turnover  = require "parts.turnover"
local rhythm    = require "parts.rhythm"

local LN2 = math.log(2)          -- rate constant = LN2 / half-life

-- where the numbers come from, when several share a source (a file's locals hide states and parameters of the same name,
-- so these are kept in a table)
local from = {
  poppk    = "Dunbar 2007, population PK of extended-release naltrexone, n = 453",
  fit_ntx  = "fitted to oral 50 mg: Cmax 8.6-13.3 ng/mL, Tmax 1 h, half-life 4 h (Meyer 1984, Swiss label)",
  fit_6bn  = "fitted to oral 50 mg: 6-beta-naltrexol Cmax 99-108 ng/mL, half-life 12-13 h (Swiss label, Meyer 1984)",
  fit_xr   = "fitted by hand to the label's profile: peaks at 2 h and 2-3 d, decline from day 14, over a month",
  fit_nlx  = "tuned to naloxone occupancy, nasal and intravenous (Johansson 2019; Kim 1997)",
  fit_pet  = "within the published Ki range; tuned to human PET occupancy (Rabiner 2011, Weerts 2008)",
  assumed  = "no direct measurement",
  retained = "hypothesis H1: size and threshold chosen so that Lee 1988 and the Swiss label's 48 h are met",
  heroin   = "tuned to the block of heroin at 24, 48, 72 h after 100 mg (Verebey 1976, figures as remembered)",
  timeline = "tuned to the popular account: first effect at 8-10 weeks, full effect at 3-6 months",
  spread   = "size assumed: not in the published abstracts",
  opioid   = "oxycodone, textbook order of magnitude; see parts/opioids.lua for others",
}

-- The body's own rhythm: endorphin peaks at `acro`; its production must peak earlier and swing wider.
local function endorphin_baseline(e)
  return circadian(e.acro, e.A_circ / rhythm.response(e.kE, q(24, "h")).damping)
end

return wane.model {
  name    = "naltrexone",
  title   = "Naltrexone: receptor blockade and the body's answer, from low dose to depot",
  caption = "How long low doses block receptors in people, and whether a rebound follows, has not been measured: "
         .. "the brief window at 4.5 mg comes from a retention threshold that is assumed, and another model that "
         .. "fits the same scans nearly as well shows no rebound.",

  parameters = {
    -- name,  value,  unit,     meaning,                                              badge,      source

    -- molar masses
    { "MW_NTX", 341.40, "g/mol", "molar mass of naltrexone",                          "measured", "chemical formula", above = 0 },
    { "MW_6BN", 343.42, "g/mol", "molar mass of 6-beta-naltrexol",                    "measured", "chemical formula", above = 0 },
    { "MW_NLX", 327.37, "g/mol", "molar mass of naloxone",                            "measured", "chemical formula", above = 0 },
    { "SALT", 341.40 / 377.86, "1", "naltrexone base in its hydrochloride, by mass",  "measured", "chemical formulas", above = 0, max = 1 },

    -- naltrexone in plasma: two compartments, most of a swallowed dose lost on the first pass
    { "ka",   1.5,    "1/h",    "absorption rate",                                    "fitted",   from.fit_ntx, min = 0 },
    { "tlag", 0.15,   "h",      "absorption lag",                                     "fitted",   from.fit_ntx, min = 0 },
    { "F",    0.085,  "1",      "oral bioavailability of the parent",                 "fitted",   from.fit_ntx .. "; published 5-40 %", min = 0, max = 1 },
    { "CL",   140,    "L/h",    "clearance of naltrexone",                            "measured", from.poppk .. "; others 94, 210", min = 0 },
    { "V1",   130,    "L",      "central volume of naltrexone",                       "fitted",   from.fit_ntx, above = 0 },
    { "Q",    115,    "L/h",    "exchange with the periphery, naltrexone",            "fitted",   from.fit_ntx, min = 0 },
    { "V2",   570,    "L",      "peripheral volume of naltrexone",                    "fitted",   from.fit_ntx, above = 0 },

    -- 6-beta-naltrexol, its weak long-lived metabolite
    { "fm_fp",  0.64, "1",      "share of a swallowed dose made into it on the first pass", "fitted", from.fit_6bn, min = 0, max = 1 },
    { "fm_sys", 0.70, "1",      "share of cleared naltrexone made into it",           "fitted",   from.fit_6bn, min = 0, max = 1 },
    { "CLm",  45.6,   "L/h",    "clearance of 6-beta-naltrexol",                      "fitted",   "0.70 x 65.1 L/h, " .. from.poppk, min = 0 },
    { "V1m",  185,    "L",      "central volume of 6-beta-naltrexol",                 "fitted",   from.fit_6bn, above = 0 },
    { "Qm",   31.5,   "L/h",    "exchange with the periphery, 6-beta-naltrexol",      "fitted",   from.fit_6bn, min = 0 },
    { "V2m",  330,    "L",      "peripheral volume of 6-beta-naltrexol",              "fitted",   from.fit_6bn, above = 0 },

    -- extended-release injection: three release phases of 2, 3 and 3 stages; the shares add up to 1
    { "xr_f1", 0.03,  "1",      "share released in phase 1 (surface drug)",           "fitted",   from.fit_xr, min = 0, max = 1 },
    { "xr_f2", 0.42,  "1",      "share released in phase 2 (swelling)",               "fitted",   from.fit_xr, min = 0, max = 1 },
    { "xr_f3", 0.55,  "1",      "share released in phase 3 (erosion)",                "fitted",   from.fit_xr, min = 0, max = 1 },
    { "xr_mean1", 3.2, "h",     "mean release time of phase 1",                       "fitted",   from.fit_xr, above = 0 },
    { "xr_mean2", 77, "h",      "mean release time of phase 2",                       "fitted",   from.fit_xr, above = 0 },
    { "xr_mean3", 400, "h",     "mean release time of phase 3",                       "fitted",   from.fit_xr, above = 0 },

    -- naloxone
    { "CLx",  110,    "L/h",    "clearance of naloxone",                              "fitted",   from.fit_nlx .. "; published 91 L/h", min = 0 },
    { "V1x",  40,     "L",      "central volume of naloxone",                         "fitted",   from.fit_nlx, above = 0 },
    { "Qx",   150,    "L/h",    "exchange with the periphery, naloxone",              "fitted",   from.fit_nlx, min = 0 },
    { "V2x",  75,     "L",      "peripheral volume of naloxone",                      "fitted",   from.fit_nlx, above = 0 },
    { "ka_in", 2.6,   "1/h",    "absorption rate, nasal naloxone",                    "fitted",   from.fit_nlx, min = 0 },
    { "F_in", 0.23,   "1",      "bioavailability, nasal naloxone",                    "fitted",   from.fit_nlx .. "; McDonald 2018: 25-28 %", min = 0, max = 1 },
    { "ka_im", 5,     "1/h",    "absorption rate, intramuscular naloxone",            "assumed",  from.assumed, min = 0 },
    { "F_im", 0.65,   "1",      "bioavailability, intramuscular naloxone",            "assumed",  from.assumed .. "; Dowling 2008 found 36 %", min = 0, max = 1 },

    -- into the brain
    { "fu_n", 0.79,   "1",      "unbound fraction in plasma, naltrexone",             "measured", "Swiss label; Ludden 1976: 21 % bound", min = 0, max = 1 },
    { "fu_m", 0.80,   "1",      "unbound fraction in plasma, 6-beta-naltrexol",       "assumed",  from.assumed, min = 0, max = 1 },
    { "fu_x", 0.60,   "1",      "unbound fraction in plasma, naloxone",               "measured", "32-45 % bound; about the middle", min = 0, max = 1 },
    { "Kp_n", 1.0,    "1",      "unbound brain over unbound plasma, naltrexone",      "assumed",  from.assumed, min = 0 },
    { "Kp_m", 0.030,  "1",      "unbound brain over unbound plasma, 6-beta-naltrexol", "assumed", "set by 1/100 of the central potency in monkeys", min = 0 },
    { "Kp_x", 1.0,    "1",      "unbound brain over unbound plasma, naloxone",        "assumed",  from.assumed, min = 0 },
    { "ke0_n", LN2 / 0.60, "1/h", "brain equilibration, naltrexone (half-life 36 min)", "assumed", "not measured in people; chosen for PET below 8 h", min = 0 },
    { "ke0_m", LN2 / 1.5, "1/h", "brain equilibration, 6-beta-naltrexol (90 min)",    "assumed",  from.assumed, min = 0 },
    { "ke0_x", LN2 / 0.12, "1/h", "brain equilibration, naloxone (7 min)",            "assumed",  from.assumed, min = 0 },

    -- binding to the mu receptor
    { "Kd_n", 0.36,   "nmol/L", "dissociation constant, naltrexone",                  "fitted",   from.fit_pet, above = 0 },
    { "koff_n", 6,    "1/h",    "rate of letting go, naltrexone",                     "assumed",  "minutes in vitro", min = 0 },
    { "Kd_m", 1.4,    "nmol/L", "dissociation constant, 6-beta-naltrexol",            "fitted",   from.fit_pet, above = 0 },
    { "koff_m", 10,   "1/h",    "rate of letting go, 6-beta-naltrexol",               "assumed",  from.assumed, min = 0 },
    { "Kd_x", 0.9,    "nmol/L", "dissociation constant, naloxone",                    "fitted",   from.fit_nlx .. "; in vitro 0.73", above = 0 },
    { "koff_x", 142,  "1/h",    "rate of letting go, naloxone",                       "measured", "FDA opioid-naloxone model (Mann 2022): 0.0396 /s", min = 0 },
    { "e0",   0.30,   "1",      "resting concentration over Kd, the body's own opioid", "assumed", from.assumed .. "; 23 % occupied", above = 0 },
    { "koff_E", 60,   "1/h",    "rate of letting go, the body's own opioid",          "assumed",  from.assumed, min = 0 },
    { "ratio_DOR", 79, "1",     "Kd at the delta receptor over mu",                   "measured", "Trostheim 2023: mu : delta : kappa = 1 : 79 : 2", above = 0 },
    { "ratio_KOR", 2, "1",      "Kd at the kappa receptor over mu",                   "measured", "Trostheim 2023: mu : delta : kappa = 1 : 79 : 2", above = 0 },

    -- slow retention: bound receptors turn into a long-lived state, only where brain naltrexone is high
    { "klock", 0.65,  "1/h",    "fastest rate of entering the retained state",        "assumed",  from.retained, min = 0 },
    { "kun",  LN2 / 110, "1/h", "rate of leaving the retained state (110 h)",         "assumed",  from.retained, min = 0 },
    { "Klock", 4.0,   "nmol/L", "unbound brain naltrexone at half that rate",         "assumed",  from.retained, above = 0 },
    { "mlock", 4,     "1",      "steepness of that threshold",                        "assumed",  from.retained, above = 0 },

    -- receptors grow in number while blocked
    { "dRmax", 1.20,  "1",      "largest increase of receptor density",               "fitted",   "mice, 8 days of continuous blockade: +55 to +90 %; no human data", min = 0 },
    { "th50", 0.60,   "1",      "occupancy for half of it",                           "assumed",  from.assumed, above = 0 },
    { "hR",   2,      "1",      "steepness of that dependence",                       "assumed",  from.assumed, above = 0 },
    { "kR",   LN2 / 60, "1/h",  "rate of growth and decline (60 h)",                  "assumed",  "time course not measured in people", min = 0 },

    -- the body's own opioid: a pool, its release, its loss, and three loops that answer to missing tone
    { "kE",   LN2 / 0.62, "1/h", "loss of endorphin from plasma (37 min)",            "measured", "beta-endorphin infusion in man, terminal half-life 37 min", above = 0 },
    { "kP",   1 / 12, "1/h",    "turnover of the pool",                               "assumed",  from.assumed, min = 0 },
    { "kX",   LN2 / 0.5, "1/h", "rate at which tone is sensed (30 min)",              "assumed",  from.assumed, min = 0 },
    { "g",    1.7,    "1",      "release gain when no tone is sensed, less 1",        "assumed",  "acute surge of 1.5-2 after naloxone", min = 0 },
    { "kZ",   LN2 / 6, "1/h",   "memory of the deficit (6 h)",                        "assumed",  from.assumed, min = 0 },
    { "Z50",  0.08,   "1",      "remembered deficit for half the synthesis response", "assumed",  from.assumed, above = 0 },
    { "hY",   0.75,   "1",      "largest increase of synthesis",                      "fitted",   "Kosten 1986: beta-endorphin 1.6 times on chronic naltrexone", min = 0 },
    { "kY",   LN2 / 8, "1/h",   "rate at which synthesis changes (8 h)",              "assumed",  from.assumed, min = 0 },
    { "A_circ", 0.23, "1",      "daily swing of endorphin production",                "measured", "Iranmanesh 1989: amplitude 23 % of the mean, n = 7", min = 0, max = 1 },
    { "acro", 9.0,    "h",      "clock time of the endorphin peak",                   "fitted",   "published peaks between 08:00 and 10:43" },

    -- an opioid taken on top; as it stands oxycodone tablets
    { "MW_o", 315.4,  "g/mol",  "molar mass of the opioid",                           "measured", "chemical formula, oxycodone", above = 0 },
    { "SALT_o", 0.9,  "1",      "opioid base in its salt, by mass",                   "measured", "chemical formulas, oxycodone hydrochloride", above = 0, max = 1 },
    { "CLo",  50,     "L/h",    "clearance of the opioid",                            "assumed",  from.opioid, min = 0 },
    { "Vo",   190,    "L",      "volume of the opioid",                               "assumed",  from.opioid, above = 0 },
    { "kao",  1.5,    "1/h",    "absorption rate of the opioid",                      "assumed",  from.opioid, min = 0 },
    { "Fo",   0.7,    "1",      "oral bioavailability of the opioid",                 "assumed",  from.opioid, min = 0, max = 1 },
    { "fu_o", 0.55,   "1",      "unbound fraction in plasma, opioid",                 "assumed",  from.opioid, min = 0, max = 1 },
    { "Kp_o", 1.0,    "1",      "unbound brain over unbound plasma, opioid",          "assumed",  from.opioid, min = 0 },
    { "ke0_o", LN2 / 0.3, "1/h", "brain equilibration, opioid (18 min)",              "assumed",  from.opioid, min = 0 },
    { "Kd_o", 60,     "nmol/L", "effective dissociation constant, opioid",            "assumed",  from.opioid, above = 0 },
    { "koff_o", 40,   "1/h",    "rate of letting go, opioid",                         "assumed",  from.opioid, min = 0 },
    { "eps_o", 1.0,   "1",      "efficacy of the opioid relative to the body's own",  "assumed",  from.opioid, min = 0 },

    -- a challenge with heroin, as in the early trials
    { "a_heroin", 3.5, "1",     "peak concentration over Kd of 25 mg intravenous heroin", "fitted", from.heroin, min = 0 },
    { "rho50", 0.40,  "1",      "agonist occupancy for half of the effect",           "fitted",   from.heroin, above = 0 },
    { "n_eff", 4,     "1",      "steepness of the effect",                            "fitted",   from.heroin, above = 0 },

    -- TLR4, glia, symptoms: the low-dose story as its advocates tell it
    { "f_dextro", 0,  "1",      "share of the dose that is the opioid-inactive isomer", "measured", "the marketed drug is one isomer; popular account: 0.5", min = 0, max = 1 },
    { "Imax_T", 0.40, "1",      "largest reduction of glial drive through TLR4",      "assumed",  from.assumed, min = 0, max = 1 },
    { "IC50_T", 0.20, "nmol/L", "unbound brain naltrexone for half of it",            "assumed",  "chosen for 4.5 mg; in vitro about 100 000 nmol/L", above = 0 },
    { "beta_T", 0.50, "1",      "reduction of glial drive per unit of tone gained",   "assumed",  from.assumed, min = 0 },
    { "kI",   LN2 / (14 * 24), "1/h", "rate at which glial activation follows (14 d)", "fitted",  from.timeline, min = 0 },
    { "kS",   LN2 / (21 * 24), "1/h", "rate at which symptoms follow (21 d)",         "fitted",   from.timeline, min = 0 },

    -- optional indices
    { "kD",   LN2 / 60, "1/h",  "rate at which dependence on an opioid follows (60 h)", "assumed", from.assumed, min = 0 },
    { "sleep_fade", 240, "h",   "time over which disturbed sleep fades, from the start", "assumed", "vivid dreams said to pass in about two weeks", above = 0 },
  },

  states = {
    -- name,  unit,   meaning
    { "GUT",  "nmol", "naltrexone in the gut" },
    { "CENT", "nmol", "naltrexone, central" },
    { "PERI", "nmol", "naltrexone, peripheral" },
    { "M1",   "nmol", "6-beta-naltrexol, central" },
    { "M2",   "nmol", "6-beta-naltrexol, peripheral" },
    { "Ce_n", "nmol/L", "naltrexone in the brain, unbound, both isomers" },
    { "Ce_m", "nmol/L", "6-beta-naltrexol in the brain, unbound, both isomers" },
    { "XR_A1", "nmol", "extended release, phase 1, stage 1" },
    { "XR_A2", "nmol", "extended release, phase 1, stage 2" },
    { "XR_B1", "nmol", "extended release, phase 2, stage 1" },
    { "XR_B2", "nmol", "extended release, phase 2, stage 2" },
    { "XR_B3", "nmol", "extended release, phase 2, stage 3" },
    { "XR_C1", "nmol", "extended release, phase 3, stage 1" },
    { "XR_C2", "nmol", "extended release, phase 3, stage 2" },
    { "XR_C3", "nmol", "extended release, phase 3, stage 3" },
    { "NLX_IN", "nmol", "naloxone in the nose" },
    { "NLX_IM", "nmol", "naloxone in the muscle" },
    { "N1",   "nmol", "naloxone, central" },
    { "N2",   "nmol", "naloxone, peripheral" },
    { "Ce_x", "nmol/L", "naloxone in the brain, unbound" },
    { "OPIOID", "nmol", "opioid in the gut" },
    { "O1",   "nmol", "opioid in the body" },
    { "Ce_o", "nmol/L", "opioid in the brain, unbound" },
    { "B_n",  "1",    "mu receptors held by naltrexone" },
    { "B_m",  "1",    "mu receptors held by 6-beta-naltrexol" },
    { "B_x",  "1",    "mu receptors held by naloxone" },
    { "L",    "1",    "mu receptors in the retained state" },
    { "B_E",  "1",    "mu receptors held by the body's own opioid",
      initial = function()
        return receptor.occupancy(e0 * endorphin_baseline{ acro = acro, A_circ = A_circ, kE = kE })
      end },
    { "B_o",  "1",    "mu receptors held by the opioid" },
    { "R",    "1",    "mu receptor density", initial = 1 },
    { "X",    "1",    "tone as sensed", initial = 1 },
    { "P",    "1",    "pool of the body's own opioid", initial = 1 },
    { "E",    "1",    "the body's own opioid",
      initial = function() return endorphin_baseline{ acro = acro, A_circ = A_circ, kE = kE } end },
    { "Z",    "1",    "remembered deficit of tone" },
    { "Y",    "1",    "synthesis of the body's own opioid", initial = 1 },
    { "I",    "1",    "glial activation", initial = 1 },
    { "Sy",   "1",    "symptom score", initial = 1 },
    { "Dp",   "1",    "dependence on the opioid" },
  },

  doses = {
    -- name,  unit, meaning, where it goes, how mg become nmol
    { "GUT",  "mg", "naltrexone hydrochloride tablet", into = "GUT", lag = "tlag",
      amount = function(dose) return dose * SALT / MW_NTX end },
    { "CENT", "mg", "naltrexone hydrochloride into a vein", into = "CENT",
      amount = function(dose) return dose * SALT / MW_NTX end },
    { "DEPOT", "mg", "naltrexone base, extended release into a muscle", into = { "XR_A1", "XR_B1", "XR_C1" },
      amount = function(dose) local n = dose / MW_NTX; return n * xr_f1, n * xr_f2, n * xr_f3 end },
    { "NLX_IV", "mg", "naloxone into a vein", into = "N1",
      amount = function(dose) return dose / MW_NLX end },
    { "NLX_IN", "mg", "naloxone into the nose", into = "NLX_IN", F = "F_in",
      amount = function(dose) return dose / MW_NLX end },
    { "NLX_IM", "mg", "naloxone into a muscle", into = "NLX_IM", F = "F_im",
      amount = function(dose) return dose / MW_NLX end },
    { "OPIOID", "mg", "opioid salt, swallowed", into = "OPIOID",
      amount = function(dose) return dose * SALT_o / MW_o end },
    { "OPIOID_IV", "mg", "opioid salt into a vein", into = "O1",
      amount = function(dose) return dose * SALT_o / MW_o end },
  },

  equations = function()
    -- 1. naltrexone: tablet or depot -> plasma; the first pass makes most of a tablet into 6-beta-naltrexol
    local tablet = pk.absorption{ ka = ka, depot = GUT }
    local phase1 = pk.release{ mean = xr_mean1, stages = { XR_A1, XR_A2 } }
    local phase2 = pk.release{ mean = xr_mean2, stages = { XR_B1, XR_B2, XR_B3 } }
    local phase3 = pk.release{ mean = xr_mean3, stages = { XR_C1, XR_C2, XR_C3 } }
    d.GUT = tablet.d_depot
    d.XR_A1, d.XR_A2 = phase1.d[1], phase1.d[2]
    d.XR_B1, d.XR_B2, d.XR_B3 = phase2.d[1], phase2.d[2], phase2.d[3]
    d.XR_C1, d.XR_C2, d.XR_C3 = phase3.d[1], phase3.d[2], phase3.d[3]

    local parent = pk.two_compartment{ central = CENT, peripheral = PERI, V1 = V1, V2 = V2, Q = Q, CL = CL,
      input = F * tablet.rate + phase1.rate + phase2.rate + phase3.rate }
    d.CENT, d.PERI = parent.d_central, parent.d_peripheral

    local metabolite = pk.two_compartment{ central = M1, peripheral = M2, V1 = V1m, V2 = V2m, Q = Qm, CL = CLm,
      input = fm_fp * tablet.rate + fm_sys * parent.eliminated }
    d.M1, d.M2 = metabolite.d_central, metabolite.d_peripheral

    -- 2. naloxone and the opioid
    local nose = pk.absorption{ ka = ka_in, depot = NLX_IN }
    local muscle = pk.absorption{ ka = ka_im, depot = NLX_IM }
    local naloxone = pk.two_compartment{ central = N1, peripheral = N2, V1 = V1x, V2 = V2x, Q = Qx, CL = CLx,
      input = nose.rate + muscle.rate }
    d.NLX_IN, d.NLX_IM = nose.d_depot, muscle.d_depot
    d.N1, d.N2 = naloxone.d_central, naloxone.d_peripheral

    local swallowed = pk.absorption{ ka = kao, depot = OPIOID }
    local C_o = O1 / Vo
    d.OPIOID = swallowed.d_depot
    d.O1 = Fo * swallowed.rate - CLo * C_o

    -- 3. into the brain
    d.Ce_n = pk.effect_site{ ke0 = ke0_n, Kp = Kp_n, fu = fu_n, C = parent.C1, Ce = Ce_n }
    d.Ce_m = pk.effect_site{ ke0 = ke0_m, Kp = Kp_m, fu = fu_m, C = metabolite.C1, Ce = Ce_m }
    d.Ce_x = pk.effect_site{ ke0 = ke0_x, Kp = Kp_x, fu = fu_x, C = naloxone.C1, Ce = Ce_x }
    d.Ce_o = pk.effect_site{ ke0 = ke0_o, Kp = Kp_o, fu = fu_o, C = C_o, Ce = Ce_o }

    -- 4. binding: five ligands compete; naltrexone's bound receptors may pass into the retained state L
    local active = 1 - f_dextro                   -- the isomer that opioid receptors see
    local c_n = active * Ce_n
    local r_n, r_m, r_x = c_n / Kd_n, active * Ce_m / Kd_m, Ce_x / Kd_x
    local free = receptor.free{ B_n, B_m, B_x, L, B_E, B_o }
    local locking = klock * hill(c_n, Klock, mlock) * B_n
    d.B_n = receptor.binding{ koff = koff_n, ratio = r_n, free = free, bound = B_n } - locking
    d.B_m = receptor.binding{ koff = koff_m, ratio = r_m, free = free, bound = B_m }
    d.B_x = receptor.binding{ koff = koff_x, ratio = r_x, free = free, bound = B_x }
    d.B_E = receptor.binding{ koff = koff_E, ratio = e0 * E, free = free, bound = B_E }
    d.B_o = receptor.binding{ koff = koff_o, ratio = Ce_o / Kd_o, free = free, bound = B_o }
    d.L = locking - kun * L

    -- 5. receptors grow in number while blocked
    mor = B_n + B_m + B_x + L
    d.R = turnover.follow(kR, 1 + dRmax * hill(min(max(mor, 0), 1), th50, hR), R)

    -- 6. tone: what reaches the cells, 1 without drug at any hour; missing tone is sensed, remembered and answered
    local day = q(24, "h")
    local E_base = endorphin_baseline{ acro = acro, A_circ = A_circ, kE = kE }
    local rest = receptor.occupancy(e0 * E_base)
    local agonism = R * eps_o * B_o / rest
    tone = R * B_E / rest + agonism
    local own = turnover.pool{ pool = P, response = E, k_pool = kP, k_response = kE, synthesis = Y,
      drive = circadian(acro - rhythm.response(kE, day).delay, A_circ), gain = turnover.feedback(g, X) }
    d.X = turnover.follow(kX, tone, X)
    d.P, d.E = own.d_pool, own.d_response
    d.Z = turnover.follow(kZ, max(0, 1 - X), Z)
    d.Y = turnover.follow(kY, 1 + hY * Z / (Z50 + Z), Y)

    -- 7. glia and symptoms, if the low-dose hypothesis holds
    local tlr4 = Imax_T * Ce_n / (IC50_T + Ce_n)
    d.I = turnover.follow(kI, max(0, (1 - tlr4) * (1 - beta_T * (tone - 1))), I)
    d.Sy = turnover.follow(kS, I, Sy)

    -- 8. dependence follows what an opioid does to tone; withdrawal is the part that is missing
    d.Dp = turnover.follow(kD, agonism, Dp)
    withdrawal = max(0, Dp - agonism)

    -- 9. what is read off
    receptors, retained, agonist, glia, symptoms = R, L, B_o, I, Sy
    ntx = parent.C1 * MW_NTX
    bn6 = metabolite.C1 * MW_6BN
    nlx = naloxone.C1 * MW_NLX
    opioid = C_o * MW_o
    local ratio = r_n + r_m + r_x
    dor = receptor.occupancy(ratio / ratio_DOR)
    kor = receptor.occupancy(ratio / ratio_KOR)
    endorphin = E / E_base
    heroin_block = receptor.blocked{ half = rho50, steepness = n_eff, alone = a_heroin / (1 + a_heroin + e0),
      occupancy = R * (1 - L) * a_heroin / (1 + a_heroin + ratio + e0 * E) }
    local asleep = either(ge(clock, q(23, "h")), lt(clock, q(7, "h")))
    sleep = where(asleep, max(0, 1 - tone) * exp(-t / sleep_fade), 0)
  end,

  outputs = {
    -- name,      unit,    meaning
    { "ntx",      "ng/mL", "naltrexone in plasma (both isomers)" },
    { "bn6",      "ng/mL", "6-beta-naltrexol in plasma (both isomers)" },
    { "nlx",      "ng/mL", "naloxone in plasma" },
    { "opioid",   "ng/mL", "opioid in plasma" },
    { "mor",      "1",     "mu receptors blocked, fraction" },
    { "dor",      "1",     "delta receptors blocked, fraction" },
    { "kor",      "1",     "kappa receptors blocked, fraction" },
    { "retained", "1",     "mu receptors in the retained state, fraction" },
    { "tone",     "1",     "opioid tone, 1 without drug" },
    { "endorphin", "1",    "the body's own opioid, 1 without drug" },
    { "receptors", "1",    "mu receptor density, 1 without drug" },
    { "glia",     "1",     "glial activation, 1 without drug" },
    { "symptoms", "1",     "symptom score if the low-dose hypothesis holds, 1 without drug" },
    { "agonist",  "1",     "mu receptors held by the opioid, fraction" },
    { "withdrawal", "1",   "withdrawal index, 0 without an opioid" },
    { "sleep",    "1",     "sleep disturbance index: missing tone at night, fading over days" },
    { "heroin_block", "1", "fraction of a heroin challenge's effect that is blocked" },
  },

  windows = {
    { "blockade", of = "mor",  above = 0.5,  meaning = "more than half of the mu receptors blocked" },
    { "low_tone", of = "tone", below = 0.95, meaning = "opioid tone at least 5 % below its drug-free level" },
    { "rebound",  of = "tone", above = 1.02, meaning = "opioid tone at least 2 % above its drug-free level" },
  },

  -- how people differ: the abstracts do not give these spreads; they are guesses of the usual size
  individual = {
    { "F",     cv = 0.40, "assumed", from.spread .. "; published 5-40 %" },
    { "CL",    cv = 0.25, "assumed", from.spread },
    { "CLm",   cv = 0.25, "assumed", from.spread .. "; others found 6-beta-naltrexol to vary fourfold" },
    { "V1",    cv = 0.30, "assumed", from.spread },
    { "ka",    cv = 0.50, "assumed", from.spread },
    { "Kd_n",  cv = 0.20, "assumed", from.spread },
    { "Kp_m",  cv = 0.40, "assumed", from.spread },
    { "e0",    cv = 0.30, "assumed", from.spread },
    { "hY",    cv = 0.30, "assumed", from.spread },
    { "dRmax", cv = 0.30, "assumed", from.spread },
    { "klock", cv = 0.30, "assumed", from.spread },
  },

  hypotheses = {
    { "H1", "slow retention above a threshold: a brief window and a rebound at 4.5 mg", set = {},
      source = "assumed; fits the published PET up to 50 mg. No human study measured how long 4.5 mg blocks" },
    { "H2", "linear slow washout from the brain: steady partial blockade at 4.5 mg, no rebound",
      set = { ke0_n = 0.025, Kp_n = 2.6, klock = 0 },
      source = "assumed; fits the same PET nearly as well (11 of 13 rows), heroin blockade less well" },
    { "H0", "no retention: occupancy follows plasma within the hour", set = { klock = 0 },
      source = "refuted for standard doses by Lee 1988 and the label's 48 h; shown for contrast" },
  },
}
