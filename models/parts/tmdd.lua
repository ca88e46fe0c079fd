-- Building blocks for drugs that their own target removes: binding at equilibrium, and what the totals then do.

local tmdd = {}

-- Free drug when `drug` and `sites` (both totals, one unit) bind with constant K: the positive root of
-- C^2 - (drug - sites - K) C - K drug = 0, in the form that loses no digits on either side.
function tmdd.free(drug, sites, K)
  local excess = drug - sites - K
  local root = sqrt(excess ^ 2 + 4 * K * drug)
  return where(ge(excess, 0), (excess + root) / 2, 2 * K * drug / (root - excess))
end

-- Total drug (an amount in volume V) and total target (a concentration) with binding always at equilibrium: free drug C
-- and complex RC; how fast complex is internalised, as an amount, and the derivative of the target.
function tmdd.equilibrium(a)
  local total = a.drug / a.V
  local C = tmdd.free(total, a.target, a.K)
  local RC = total - C
  return {
    C = C,
    RC = RC,
    internalised = a.kint * RC * a.V,
    d_target = a.ksyn - a.kdeg * (a.target - RC) - a.kint * RC,
  }
end

return tmdd
