-- A daily rhythm seen through turnover: production swings with the clock, the level follows later and smaller.

local rhythm = {}

-- For a level lost at rate k (1/h) over a day of length `day` (24 h): how far its peak comes after the peak of its
-- production, and by what factor its swing is smaller. Exact for production 1 + A cos(2 pi (t - peak) / day).
function rhythm.response(k, day)
  local w = 2 * math.pi / day
  local x = w / k
  return { delay = math.atan(x) / w, damping = math.sqrt(1 + x * x) }
end

return rhythm
