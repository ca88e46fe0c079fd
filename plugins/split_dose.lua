-- Once a day or every six hours: the same amount, in other hands.
--
-- In mice, 0.1 mg/kg every six hours blocked around the clock and tumours grew; the same daily amount given at once
-- blocked for hours and tumours shrank (Zagon & McLaughlin 1984). The third arm repeats the whole dose every time.

return wane.scenario {
  name    = "split_dose",
  title   = "One dose a day, or the day divided",
  model   = "naltrexone",
  caption = "That dosing around the clock takes the rebound away was seen in mice; no study in people has tried it. "
         .. "The curves rest on an assumed retention threshold.",

  options = {
    { "dose",     4.5,     "mg",    "the daily amount" },
    { "interval", 6,       "h",     "time between the divided doses" },
    { "at",       "22:00", "clock", "the first dose" },
    { "days",     28,      "d",     "for how many days" },
    { "whole",    1,       "",      "1: also an arm with the whole amount every time; 0: without" },
  },

  arms = function(o)
    local count = math.max(math.floor(24 * o.days / o.interval + 1e-9), 1)
    local part = o.dose * o.interval / 24
    local arms = {
      { name = "once", label = string.format("%g mg once", o.dose),
        regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days } },
      { name = "divided", label = string.format("%.3g mg every %g h", part, o.interval),
        regimen = every{ o.interval, dose = part, into = "GUT", at = o.at, count = count } },
    }
    if o.whole ~= 0 then
      arms[3] = { name = "whole", label = string.format("%g mg every %g h", o.dose, o.interval),
                  regimen = every{ o.interval, dose = o.dose, into = "GUT", at = o.at, count = count } }
    end
    return arms
  end,

  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 2, 0) + o.at, 24 * o.days + o.at } end,
  every    = "15min",

  watch    = { "ntx", "mor", "tone" },
  windows  = { "blockade", "low_tone", "rebound" },
}
