-- One evening forgotten: left out, or doubled the next evening?
--
-- Regimens can be changed after they are made: :skip{15} leaves out day 15, and + adds another regimen.

return wane.scenario {
  name    = "missed_dose",
  title   = "A missed low dose",
  model   = "naltrexone",
  caption = "How a missed dose feels has not been studied; the rebound shown follows from assumed numbers. Under "
         .. "the linear hypothesis H2 tone rises above its drug-free level only on the day that a dose is missed.",

  options = {
    { "dose",   4.5,     "mg",    "the daily dose" },
    { "at",     "22:00", "clock", "when it is taken" },
    { "missed", 15,      "",      "the day that is missed, counted from 1" },
    { "after",  6,       "d",     "how many days to watch after that" },
  },

  arms = function(o)
    local all = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.missed + o.after }
    local missed = all:skip{ o.missed }
    return {
      { name = "taken",   label = "every dose", regimen = all },
      { name = "missed",  label = "one missed", regimen = missed },
      { name = "doubled", label = "doubled next day",
        regimen = missed + once{ dose = o.dose, into = "GUT", at = o.at, day = o.missed + 1 } },
    }
  end,

  duration = function(o) return 24 * (o.missed + o.after) + o.at end,
  show     = function(o) return { 24 * math.max(o.missed - 2, 0) + o.at, 24 * (o.missed + 3) + o.at } end,
  every    = "15min",

  watch    = { "ntx", "mor", "tone" },
  windows  = { "blockade", "low_tone", "rebound" },
}
