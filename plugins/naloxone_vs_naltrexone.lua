-- Two blockers that people mix up: naloxone, gone in hours, and naltrexone, which stays.
--
-- Arms may use different compartments: NLX_IN is naloxone sprayed into the nose, NLX_IV and NLX_IM the injections.

return wane.scenario {
  name    = "naloxone_vs_naltrexone",
  title   = "Nasal naloxone and a naltrexone tablet",
  model   = "naltrexone",
  caption = "Nasal naloxone's occupancy and the slow decline after 50 mg naltrexone were measured by PET and the "
         .. "model is tuned to both. The course after 4.5 mg is not measured.",

  options = {
    { "naloxone", 4,       "mg",    "naloxone into the nose" },
    { "low",      4.5,     "mg",    "naltrexone, low dose" },
    { "standard", 50,      "mg",    "naltrexone, standard dose" },
    { "at",       "09:00", "clock", "when each is taken, once" },
  },

  arms = function(o)
    return {
      { name = "naloxone", label = "naloxone",
        regimen = once{ dose = o.naloxone, into = "NLX_IN", at = o.at } },
      { name = "low", label = string.format("naltrexone %g mg", o.low),
        regimen = once{ dose = o.low, into = "GUT", at = o.at } },
      { name = "standard", label = string.format("naltrexone %g mg", o.standard),
        regimen = once{ dose = o.standard, into = "GUT", at = o.at } },
    }
  end,

  duration = "8d",
  show     = function(o) return { o.at - 1, o.at + 36 } end,
  every    = "5min",

  watch    = { "nlx", "ntx", "mor", "tone" },
  windows  = { "blockade", "low_tone", "rebound" },
}
