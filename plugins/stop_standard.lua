-- Four weeks of 50 mg, then none: the receptors that grew under the block are still there when it lifts.
--
-- The second arm goes on, so that what stopping does can be told from what time does.

return wane.scenario {
  name    = "stop_standard",
  title   = "Stopping the standard dose after four weeks",
  model   = "naltrexone",
  caption = "More receptors after continuous blockade were measured in mice only; how many there are in people, and "
         .. "for how long, is not known. Tolerance to opioids is lost meanwhile, which makes a former dose dangerous.",

  options = {
    { "dose",  50,      "mg",    "the daily dose" },
    { "at",    "08:00", "clock", "when it is taken" },
    { "days",  28,      "d",     "for how many days before stopping" },
    { "after", 28,      "d",     "how long to watch after that" },
  },

  arms = function(o)
    return {
      { name = "stopped", label = "stopped",
        regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days } },
      { name = "continued", label = "continued",
        regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days + o.after } },
    }
  end,

  duration = function(o) return 24 * (o.days + o.after) + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 2, 0), 24 * (o.days + o.after) + o.at } end,
  every    = "30min",

  watch    = { "mor", "receptors", "tone", "heroin_block" },
  windows  = { "blockade", "rebound",
               { "supersensitive", of = "receptors", above = 1.1, meaning = "a tenth more than without drug" } },
}
