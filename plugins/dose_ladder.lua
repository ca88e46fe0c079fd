-- From 0.1 to 100 mg: where does a brief block turn into a lasting one?
--
-- Arms need not be written out: here a loop makes one for each dose of a list.

local DOSES = { 0.1, 0.5, 1.5, 3, 4.5, 6, 9, 12.5, 25, 50, 100 }   -- mg

return wane.scenario {
  name    = "dose_ladder",
  title   = "Naltrexone from 0.1 to 100 mg a day",
  model   = "naltrexone",
  caption = "Occupancy has been measured in people at 2, 5, 12.5, 15, 50 and 100 mg, mostly once and within hours. "
         .. "Where a rebound fades out between 4.5 and 12.5 mg is set by assumed numbers.",

  options = {
    { "at",   "22:00", "clock", "when it is taken" },
    { "days", 28,      "d",     "for how many days" },
  },

  arms = function(o)
    local arms = {}
    for i, mg in ipairs(DOSES) do
      arms[i] = { name = "mg" .. string.format("%g", mg):gsub("%.", "_"), label = string.format("%g mg", mg),
                  regimen = daily{ dose = mg, into = "GUT", at = o.at, days = o.days } }
    end
    return arms
  end,

  duration = function(o) return 24 * o.days + o.at end,
  show     = function(o) return { 24 * math.max(o.days - 1, 0) + o.at, 24 * o.days + o.at } end,
  every    = "15min",

  watch    = { "mor", "tone", "endorphin", "receptors" },
  windows  = { "blockade", "low_tone", "rebound" },
}
