-- Add counts to a histogram that fades by half within a half-life.
-- KEYS  the histogram, a hash of counts by place and at_ms, up to when they are faded
-- ARGV  now_ms, half_life_ms, counts…
-- Returns the counts as they are now, as text.
local histogram, now_ms = KEYS[1], tonumber(ARGV[1])
local FIRST = 3

local faded_at_ms = tonumber(redis.call('HGET', histogram, 'at_ms') or now_ms)
-- A process whose clock is behind adds to what it finds.
local at_ms = math.max(now_ms, faded_at_ms)
local kept = 0.5 ^ ((at_ms - faded_at_ms) / tonumber(ARGV[2]))
local counts = {}
for i = FIRST, #ARGV do
  local place = i - FIRST
  local count = tonumber(redis.call('HGET', histogram, place) or 0) * kept + tonumber(ARGV[i])
  counts[place + 1] = string.format('%.9g', count)
  redis.call('HSET', histogram, place, counts[place + 1])
end
redis.call('HSET', histogram, 'at_ms', string.format('%.0f', at_ms))
return counts
