-- Receptor building blocks: several ligands competing for one pool of receptors. Bound amounts are fractions of the
-- pool, concentrations are unbound and enter as C / Kd, a pure number.

local receptor = {}

-- What is left free when every entry of the list is bound.
function receptor.free(bound)
  local free = 1
  for _, b in ipairs(bound) do free = free - b end
  return free
end

-- Competitive binding: dB/dt = kon C free - koff B, written with kon = koff / Kd.
function receptor.binding(a)
  return a.koff * (a.ratio * a.free - a.bound)
end

-- Fraction occupied at equilibrium by ligands whose C / Kd add up to `ratio`.
function receptor.occupancy(ratio)
  return ratio / (1 + ratio)
end

-- Fraction of a full agonist's effect that is lost, for an effect rising steeply with its occupancy (operational
-- model, Black & Leff 1983): `occupancy` with the antagonist, `alone` without.
function receptor.blocked(a)
  return 1 - hill(a.occupancy, a.half, a.steepness) / hill(a.alone, a.half, a.steepness)
end

return receptor
