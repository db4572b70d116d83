-- Write an adjusted price, if nobody else has adjusted it since it was read.
-- KEYS  price hash     ARGV  adjusted_at_ms as read ('' when there was none), spent as read, field, value, …
-- Returns 1, or 0 when somebody else was first. What was spent meanwhile is for the next adjustment.
local price = KEYS[1]

if (redis.call('HGET', price, 'adjusted_at_ms') or '') ~= ARGV[1] then return 0 end
redis.call('HSET', price, unpack(ARGV, 3))
redis.call('HINCRBY', price, 'spent', 0 - ARGV[2])  -- not -0, which is no integer to Redis
return 1
