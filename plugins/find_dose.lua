-- Which dose, at which hour? The intent as data: the largest mean tone over the day, with the blockade under so many hours and
-- over before waking. `wane sweep find_dose` tries every pair and answers; --plot map.png draws the map of it.

return wane.scenario {
  name    = "find_dose",
  title   = "A dose and a bedtime by intent",
  model   = "naltrexone",
  caption = "The answer is the model's, not a recommendation: how long low doses block, and that a rebound follows, has not "
         .. "been measured in people. Under hypothesis H2 there is no rebound to look for.",

  options = {
    { "dose",  4.5,     "mg",    "the daily dose" },
    { "at",    "22:00", "clock", "when it is taken" },
    { "days",  14,      "d",     "how long; the last day is judged" },
    { "hours", 6,       "h",     "the blockade is to be shorter than this" },
    { "free",  "07:00", "clock", "and to have ended by then" },
  },

  arms = function(o)
    return {
      { name = "low", label = o.dose .. " mg",
        regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days } },
    }
  end,

  goal = function(o)
    return {
      maximise   = { "mean", of = "tone" },
      subject_to = {
        { "hours_per_day", of = "blockade", below = o.hours },
        { "window_end",    of = "blockade", before = o.free },
      },
      lines      = { "peak", of = "rebound" },
      over = {
        { "dose", from = 0.5, to = 6, by = 0.5 },
        { "at",   from = "20:00", to = "01:00", by = "30min" },
      },
    }
  end,

  duration = function(o) return 24 * o.days + o.at end,
  every    = "30min",

  watch    = { "mor", "tone" },
  windows  = { "blockade", "rebound" },
}
