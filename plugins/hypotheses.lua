-- Two models that fit the published scans about equally well, and disagree about low doses.
--
-- The arms take the same doses; they differ in `hypothesis`, a named set of parameters that the model brings along.
-- H1: receptors hold naltrexone back once brain levels are high. H2: the brain itself lets it go slowly. Add "H0" (no
-- retention) to the list to see what the standard dose rules out.

local HYPOTHESES = { "H1", "H2" }

return wane.scenario {
  name    = "hypotheses",
  title   = "Brief window or steady block? Two readings of the same scans",
  model   = "naltrexone",
  caption = "Neither has been tested at low doses: one scan 24 h after a single 5 mg would tell them apart (about 9 % "
         .. "occupied under H1, 33 % under H2). H1 is the default because it tells the popular story, not because it "
         .. "is better supported.",

  options = {
    { "dose", 4.5,     "mg",    "the daily dose" },
    { "at",   "22:00", "clock", "when it is taken" },
    { "days", 28,      "d",     "for how many days" },
  },

  arms = function(o)
    local arms = {}
    for i, name in ipairs(HYPOTHESES) do
      arms[i] = { name = name, label = name, hypothesis = name,
                  regimen = daily{ dose = o.dose, into = "GUT", at = o.at, days = o.days } }
    end
    return arms
  end,

  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 2, 0) + o.at, 24 * o.days + o.at } end,
  every    = "15min",

  watch    = { "mor", "tone", "endorphin" },
  windows  = { "blockade", "low_tone", "rebound" },
}
