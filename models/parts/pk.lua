-- Pharmacokinetic building blocks. Each takes a table of named values and returns rates of change, so any drug can use
-- them: amounts in nmol, volumes in L, clearances in L/h, rate constants in 1/h (or any other consistent units).

local pk = {}

-- First-order absorption from a depot: how fast drug leaves it, and the depot's own derivative.
function pk.absorption(a)
  local rate = a.ka * a.depot
  return { rate = rate, d_depot = -rate }
end

-- One compartment fed by a gut: amounts (gut, central) -> concentration and both derivatives. It drives most models of
-- effect.
function pk.oral(a)
  local absorbed = pk.absorption{ ka = a.ka, depot = a.gut }
  local C = a.central / a.V
  return { C = C, d_gut = absorbed.d_depot, d_central = absorbed.rate - a.CL * C }
end

-- Two compartments: amounts (central, peripheral) and an input (amount/h) -> both concentrations and both derivatives.
-- `eliminated` (amount/h) is what clearance takes away, for a metabolite to be formed from.
function pk.two_compartment(a)
  local C1, C2 = a.central / a.V1, a.peripheral / a.V2
  local exchange = a.Q * (C1 - C2)
  local eliminated = a.CL * C1
  return {
    C1 = C1,
    C2 = C2,
    eliminated = eliminated,
    d_central = a.input - eliminated - exchange,
    d_peripheral = exchange,
  }
end

-- Three compartments: a central one that exchanges with a shallow (Q2, V2) and a deep one (Q3, V3).
function pk.three_compartment(a)
  local C1 = a.central / a.V1
  local shallow = a.Q2 * (C1 - a.shallow / a.V2)
  local deep = a.Q3 * (C1 - a.deep / a.V3)
  return {
    C1 = C1,
    d_central = a.input - a.CL * C1 - shallow - deep,
    d_shallow = shallow,
    d_deep = deep,
  }
end

-- Effect compartment (Sheiner 1979): the unbound drug where it acts, following unbound plasma with rate ke0. It is so
-- small that it takes nothing from the plasma.
function pk.effect_site(a)
  return a.ke0 * (a.Kp * a.fu * a.C - a.Ce)
end

-- Release in n equal stages: a dose put into the first leaves the last as a gamma density of whole shape n and the
-- given mean time. Exact, and unlike a formula in time since the dose it adds up over any number of doses.
function pk.release(a)
  local k = #a.stages / a.mean
  local out = { d = {} }
  local inflow = 0
  for i, stage in ipairs(a.stages) do
    out.d[i] = inflow - k * stage
    inflow = k * stage
  end
  out.rate = inflow
  return out
end

return pk
