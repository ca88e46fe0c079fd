-- Building blocks of whole-body models: organs joined by the blood that flows through them.

local pbpk = {}

-- One organ whose uptake is limited by its blood flow Q: blood that comes in at concentration `inflow` leaves in
-- equilibrium with the tissue. Amount, volume V, tissue over blood Kp -> concentrations and what the flow brings net.
function pbpk.organ(a)
  local C = a.amount / a.V
  local out = C / a.Kp
  return { C = C, out = out, uptake = a.Q * (a.inflow - out) }
end

return pbpk
