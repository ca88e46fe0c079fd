-- What habits do to the nightly window: the same doses taken to the minute, late, sometimes forgotten, made up for.
--
-- :late, :miss and the others describe habits; what becomes of each evening is drawn for each person, and is the same for
-- that person in every arm. One person is drawn unless there are more: wane run adherence --n 200 --seed 7

return wane.scenario {
  name    = "adherence",
  title   = "The same low dose, taken as people take it",
  model   = "naltrexone",
  caption = "How late low-dose naltrexone is taken, and how often it is forgotten, are assumed numbers here. That a "
         .. "rebound follows, and how a missed or doubled dose feels, has not been studied.",

  options = {
    { "dose",    4.5,     "mg",    "the daily dose" },
    { "at",      "22:00", "clock", "when it should be taken" },
    { "days",    28,      "d",     "how long" },
    { "late",    45,      "min",   "spread of the hour at which it is taken (standard deviation)" },
    { "missed",  0.15,    "",      "probability that an evening is forgotten" },
    { "cv",      0.15,    "",      "variation of halves of a tablet" },
  },

  arms = function(o)
    local r = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days }
    local late = r:late{ sd = o.late .. "min" }:weekend{ by = "90min", days = { 5, 6 } }
    local missed = late:miss{ p = o.missed }
    return {
      { name = "plan",    label = "as planned", regimen = r },
      { name = "late",    label = "late, weekends more", regimen = late },
      { name = "missed",  label = "sometimes forgotten", regimen = missed },
      { name = "doubled", label = "then taken twice", regimen = late:miss{ p = o.missed, doubled = 1 } },
      { name = "halves",  label = "halves of tablets", regimen = r:halves{ cv = o.cv } },
    }
  end,

  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 7, 0) + o.at, 24 * o.days + o.at } end,
  every    = "30min",

  watch    = { "mor", "tone" },
  windows  = { "blockade", "low_tone", "rebound" },
}
