-- The question most people come with: what does 4.5 mg at bedtime do that 50 mg does not?
--
-- A scenario is a list of arms to compare. To make your own, copy this file, change the doses, and run it:
--   wane run my_scenario.lua --plot my_scenario.svg

return wane.scenario {
  name    = "standard_vs_low",
  title   = "Standard and low-dose naltrexone at bedtime",
  model   = "naltrexone",
  caption = "That 50 mg blocks all day is measured; that 4.5 mg blocks only for some hours and a rebound follows has "
         .. "not been shown in people. Here it rests on an assumed retention threshold (hypothesis H1).",

  -- what can be changed from outside: wane run standard_vs_low --set low_dose=3
  options = {
    -- name,          default, unit,    meaning
    { "low_dose",      4.5,     "mg",    "the low dose" },
    { "standard_dose", 50,      "mg",    "the standard dose" },
    { "at",            "22:00", "clock", "when both are taken" },
    { "days",          28,      "d",     "for how many days" },
  },

  -- o holds the options as numbers: o.at = 22 (hours), o.days = 28
  arms = function(o)
    return {
      { name = "low", label = string.format("%g mg", o.low_dose),
        regimen = daily{ dose = o.low_dose, into = "GUT", at = o.at, days = o.days } },
      { name = "standard", label = string.format("%g mg", o.standard_dose),
        regimen = daily{ dose = o.standard_dose, into = "GUT", at = o.at, days = o.days } },
    }
  end,

  -- to the end of the last dosing day, 24 h after the last dose; the picture shows the last two dosing days
  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 2, 0) + o.at, 24 * o.days + o.at } end,
  every    = "15min",

  watch    = { "ntx", "mor", "tone", "endorphin" },
  windows  = { "blockade", "low_tone", "rebound" },
}
