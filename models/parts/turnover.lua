-- Turnover building blocks: how a body's response builds up, runs dry and answers back.

local turnover = {}

-- Indirect response: x is made at k * target and lost at k * x, so that it follows its target with half-life ln2 / k.
function turnover.follow(k, target, x)
  return k * (target - x)
end

-- Release under negative feedback: gain 1 when the sensed signal x is 1, 1 + g when nothing is sensed, less when too
-- much is.
function turnover.feedback(g, x)
  return (1 + g) / (1 + g * max(x, 0))
end

-- A precursor pool released into a response (Sharma, Ebling & Jusko 1998): a release that stays raised empties the pool
-- unless synthesis follows; when the release falls back, the pool overshoots. That is where a rebound comes from.
-- pool, response: relative to their resting means; drive: rhythm; gain: feedback; synthesis: relative to rest.
function turnover.pool(a)
  local release = a.pool * a.gain
  return {
    d_pool = a.k_pool * a.drive * (a.synthesis - release),
    d_response = a.k_response * (a.drive * release - a.response),
  }
end

return turnover
