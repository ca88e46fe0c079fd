-- The same low dose in the evening or in the morning: which hours of the day are blocked?
--
-- The arms differ in one thing only, the clock time. That is how to ask a clear question.

return wane.scenario {
  name    = "bedtime_vs_morning",
  title   = "Low-dose naltrexone at bedtime or in the morning",
  model   = "naltrexone",
  caption = "Bedtime dosing is custom, not the result of a trial. The hours shown rest on an assumed retention "
         .. "threshold; the linear hypothesis H2 makes the two much more alike.",

  options = {
    { "dose",    4.5,     "mg",    "the daily dose" },
    { "bedtime", "22:00", "clock", "when the first arm takes it" },
    { "morning", "08:00", "clock", "when the second arm takes it" },
    { "days",    28,      "d",     "for how many days" },
  },

  arms = function(o)
    return {
      { name = "bedtime", label = "bedtime",
        regimen = daily{ dose = o.dose, into = "GUT", at = o.bedtime, days = o.days } },
      { name = "morning", label = "morning",
        regimen = daily{ dose = o.dose, into = "GUT", at = o.morning, days = o.days } },
    }
  end,

  -- until both arms have had their last dosing day; the picture ends when the first of them does
  duration = function(o) return 24 * o.days + math.max(o.bedtime, o.morning) end,
  show     = function(o)
    local stop = 24 * o.days + math.min(o.bedtime, o.morning)
    return { math.max(stop - 48, 0), stop }
  end,
  every    = "15min",
  night    = { "23:00", "07:00" },   -- shaded, and the base of "share of the night"

  watch    = { "mor", "tone", "sleep" },
  windows  = { "blockade", "low_tone", "rebound" },
}
