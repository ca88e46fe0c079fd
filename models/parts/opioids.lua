-- Parameter sets for the model's generic opioid, for an arm's `set = opioids.morphine`.
--
-- Engineering defaults of low confidence: order-of-magnitude figures for adults, good for comparing patterns, not for
-- any clinical purpose. Kd_o is an effective unbound value in the living brain, 2 to 15 times the test-tube Ki, so that
-- usual doses land on the steep part of the curve. Units as in the model: L/h, L, 1/h, nmol/L, g/mol.
--
-- Measured: morphine's CL and V (population analyses), koff of fentanyl and buprenorphine (mechanistic models fitted to
-- binding data). Everything else is assumed, or a textbook figure quoted from memory.

local LN2 = math.log(2)

return {
  oxycodone = {
    MW_o = 315.4, SALT_o = 0.9,                   -- hydrochloride tablets
    CLo = 50, Vo = 190, Fo = 0.70, kao = 1.5, fu_o = 0.55, Kp_o = 1, ke0_o = LN2 / 0.3,
    Kd_o = 60, koff_o = 40, eps_o = 1,
  },
  morphine = {
    MW_o = 285.3, SALT_o = 0.75,                  -- sulfate pentahydrate tablets
    CLo = 85, Vo = 270, Fo = 0.30, kao = 1.5, fu_o = 0.65, Kp_o = 1, ke0_o = LN2 / 2.0,
    Kd_o = 12, koff_o = 40, eps_o = 1,
  },
  methadone = {
    MW_o = 309.4, SALT_o = 0.89,                  -- hydrochloride tablets
    CLo = 7, Vo = 400, Fo = 0.80, kao = 0.4, fu_o = 0.12, Kp_o = 1, ke0_o = LN2 / 0.2,
    Kd_o = 15, koff_o = 20, eps_o = 1,
  },
  fentanyl = {                                    -- intravenous: dose it into OPIOID_IV; swallowed, nothing arrives
    MW_o = 336.5, SALT_o = 1,                     -- doses are written as base
    CLo = 45, Vo = 300, Fo = 0, kao = 1, fu_o = 0.15, Kp_o = 1, ke0_o = LN2 / 0.08,
    Kd_o = 0.5, koff_o = 15.6, eps_o = 1,
  },
  buprenorphine = {                               -- OPIOID stands for under the tongue; a partial agonist (eps_o)
    MW_o = 467.6, SALT_o = 1,                     -- doses are written as base
    CLo = 60, Vo = 430, Fo = 0.30, kao = 1.0, fu_o = 0.04, Kp_o = 1, ke0_o = LN2 / 1.5,
    Kd_o = 0.05, koff_o = 0.70, eps_o = 0.4,
  },
}
