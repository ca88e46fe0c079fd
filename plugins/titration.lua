-- Starting low: 1.5 mg for four weeks, 3 mg for four weeks, then 4.5 mg, beside the full dose from the first day.
--
-- `ladder` is daily dosing in steps. Popular accounts put the first effect at 8 to 10 weeks and the full effect at 3
-- to 6 months; watch where the symptom score falls below 0.9 and where it levels off.

return wane.scenario {
  name    = "titration",
  title   = "Stepping up to 4.5 mg over eight weeks",
  model   = "naltrexone",
  caption = "The symptom score was tuned to the popular account (first effect at 8 to 10 weeks), so showing it proves "
         .. "nothing. The best-controlled fibromyalgia trial (6 mg, 12 weeks, n = 99) found no significant benefit.",

  options = {
    { "first",  1.5,     "mg",    "dose of the first step" },
    { "second", 3,       "mg",    "dose of the second step" },
    { "third",  4.5,     "mg",    "dose from then on" },
    { "step",   4,       "wk",    "how long each of the first two steps lasts" },
    { "weeks",  26,      "wk",    "how long the whole course lasts" },
    { "at",     "22:00", "clock", "when it is taken" },
  },

  arms = function(o)
    local step = 7 * o.step                               -- days
    local rest = math.max(7 * o.weeks - 2 * step, 1)      -- at least one day at the full dose
    return {
      { name = "steps", label = "in steps",
        regimen = ladder{ steps = { { o.first, step }, { o.second, step }, { o.third, rest } },
                          into = "GUT", at = o.at } },
      { name = "at_once", label = string.format("%g mg at once", o.third),
        regimen = daily{ dose = o.third, into = "GUT", at = o.at, days = 2 * step + rest } },
    }
  end,

  duration = function(o) return 168 * math.max(o.weeks, 2 * o.step + 1) end,
  show     = function(o) return { 0, 168 * math.max(o.weeks, 2 * o.step + 1) } end,
  every    = "1h",

  watch    = { "symptoms", "glia", "tone", "mor" },
  windows  = { "blockade", "rebound",
               { "noticed", of = "symptoms", below = 0.9, meaning = "symptoms down by a tenth" } },
}
