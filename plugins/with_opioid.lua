-- An opioid painkiller taken some hours after low-dose naltrexone: how much of it still reaches the receptor?
--
-- The model carries a generic opioid. Another one is a table of its parameters: write opioids.morphine, .methadone,
-- .fentanyl (dose it into "OPIOID_IV") or .buprenorphine below, and change the dose with it.

local opioids = require "parts.opioids"
local drug = opioids.oxycodone

local HOURS = { 1, 6, 24, 72 }     -- from naltrexone to the opioid
local OPIOID_AT = 4 * 24 + 8       -- 08:00 on the fifth day, so that the longest gap fits before it

return wane.scenario {
  name    = "with_opioid",
  title   = "An opioid after low-dose naltrexone",
  model   = "naltrexone",
  caption = "An illustration of competition at one receptor, with textbook numbers of low confidence for the opioid. "
         .. "It says nothing about what is safe: combining them can fail to relieve pain or bring on withdrawal.",

  options = {
    { "dose",   4.5, "mg", "naltrexone" },
    { "opioid", 10,  "mg", "the opioid, swallowed (oxycodone hydrochloride)" },
  },

  arms = function(o)
    local opioid = once{ dose = o.opioid, into = "OPIOID", at = OPIOID_AT }
    local arms = { { name = "alone", label = "alone", regimen = opioid, set = drug, day_start = "08:00" } }
    for _, gap in ipairs(HOURS) do
      arms[#arms + 1] = {
        name = "after_" .. gap .. "h", label = gap .. " h after",
        regimen = { once{ dose = o.dose, into = "GUT", at = OPIOID_AT - gap }, opioid },
        set = drug,                -- parameters of the model that this arm changes
        day_start = "08:00",       -- dosing days are counted from here, whenever naltrexone came
      }
    end
    return arms
  end,

  duration = OPIOID_AT + 24,
  show     = { OPIOID_AT - 2, OPIOID_AT + 12 },
  every    = "3min",

  watch    = { "opioid", "agonist", "mor", "tone" },
  windows  = { "blockade",
               { "opioid_effect", of = "agonist", above = 0.2, meaning = "the opioid holds a fifth" } },
}
