-- The monthly injection beside the daily tablet.
--
-- A dose goes into a compartment of the model: GUT for tablets, DEPOT for the extended-release injection. The model
-- knows what each does with its milligrams. `wane describe naltrexone` lists them.

return wane.scenario {
  name    = "depot",
  title   = "Extended-release naltrexone every four weeks beside the daily tablet",
  model   = "naltrexone",
  caption = "The depot's release was fitted by hand to its label's description (peaks at 2 h and 2 to 3 days, over a "
         .. "month measurable). Its peak here, 12 ng/mL, may be too low.",

  options = {
    { "dose",       380,     "mg",    "one injection" },
    { "interval",   28,      "d",     "time between injections" },
    { "injections", 3,       "",      "how many" },
    { "tablet",     50,      "mg",    "the daily tablet it is compared with" },
    { "at",         "08:00", "clock", "when either is given" },
    { "after",      0,       "d",     "how long to watch after the last interval, without drug" },
  },

  arms = function(o)
    return {
      { name = "depot", label = "depot",
        regimen = every{ 24 * o.interval, dose = o.dose, into = "DEPOT", at = o.at, count = o.injections } },
      { name = "tablet", label = string.format("%g mg daily", o.tablet),
        regimen = daily{ dose = o.tablet, into = "GUT", at = o.at, days = o.interval * o.injections } },
    }
  end,

  duration = function(o) return 24 * (o.interval * o.injections + o.after) + o.at end,
  show     = function(o) return { 0, 24 * (o.interval * o.injections + o.after) + o.at } end,
  every    = "1h",

  watch    = { "ntx", "mor", "heroin_block", "receptors" },
  windows  = { "blockade",
               { "protected", of = "heroin_block", above = 0.8, meaning = "four fifths of heroin's effect blocked" } },
}
