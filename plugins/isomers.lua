-- "Naltrexone is a mix of two isomers": what would follow if it were?
--
-- Levo blocks opioid receptors; dextro does not, and is said to act on glia through TLR4. An arm can change any
-- parameter of the model with `set`; here it is f_dextro, the share of the dose that is dextro.

return wane.scenario {
  name    = "isomers",
  title   = "Levo, dextro, or half of each",
  model   = "naltrexone",
  caption = "The marketed drug is the levo isomer alone; the mixture is a popular error. The effect through TLR4 is "
         .. "assumed: in the test tube it takes tens of thousands of times the concentration that 4.5 mg reaches.",

  options = {
    { "dose", 4.5,     "mg",    "the daily dose, both isomers together" },
    { "at",   "22:00", "clock", "when it is taken" },
    { "days", 84,      "d",     "for how many days" },
  },

  arms = function(o)
    local regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days }
    return {
      { name = "levo",    label = "levo",            regimen = regimen, set = { f_dextro = 0 } },
      { name = "mixture", label = "half and half",   regimen = regimen, set = { f_dextro = 0.5 } },
      { name = "dextro",  label = "dextro",          regimen = regimen, set = { f_dextro = 1 } },
    }
  end,

  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 0, 24 * o.days + o.at } end,
  every    = "1h",

  watch    = { "mor", "tone", "glia", "symptoms" },
  windows  = { "blockade", "low_tone", "rebound" },
}
