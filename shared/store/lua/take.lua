-- Take requests out of the app's budget, after giving back what is left of those taken before.
-- KEYS  price hash     ARGV  wanted, given back, 1 for somebody who reads now, UTC day
-- Returns {granted, the price}, the price '' while nobody has made one.
-- What is granted is spent: who never uses it has wasted it, and nobody can overdraw.
local price, wanted, given_back, day = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
local state = redis.call('HMGET', price, 'value', 'tokens', 'reserve', 'daily', 'day')
if not state[1] then return {wanted, ''} end

local tokens, reserve, daily = tonumber(state[2]), tonumber(state[3]), tonumber(state[4])
local counted = tonumber(state[5] or 0)
if day > counted then redis.call('HSET', price, 'day', day, 'day_spent', 0) end
if day < counted then given_back = 0 end  -- its clock is behind: they were taken out of a day that is over
local spent = redis.call('HINCRBY', price, 'spent', 0 - given_back)
local day_spent = redis.call('HINCRBY', price, 'day_spent', 0 - given_back)

local granted = wanted
if daily > 0 then
  if ARGV[3] == '1' then reserve = 1 end
  local left = math.min(tokens - spent, daily - day_spent)
  granted = math.max(0, math.min(wanted, math.floor(left - reserve) + 1))
end
redis.call('HINCRBY', price, 'spent', granted)
redis.call('HINCRBY', price, 'day_spent', granted)
return {granted, state[1]}
