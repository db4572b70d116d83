-- Move due accounts of one shard to the end of a lease and number each lease.
-- KEYS  due zset, leases hash     ARGV  now_ms, lease_ms, limit, how many more that are read now, soon_ms
-- Returns {how many of them are read now, how many more are due by `soon_ms`, account_id, number, …},
-- first those that somebody reads now, who are due at 0, then the longest overdue.
-- A number is odd while its lease lasts, and even when it has been closed.
local due, leases = KEYS[1], KEYS[2]
local now_ms, lease_ms, limit, most_read = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local read = math.min(redis.call('ZCOUNT', due, 0, 0), most_read)
local claims = {read, 0}
local ids = {}
if read + limit > 0 then ids = redis.call('ZRANGE', due, '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, read + limit) end
for _, id in ipairs(ids) do
  redis.call('ZADD', due, now_ms + lease_ms, id)
  claims[#claims + 1] = id
  local number = redis.call('HINCRBY', leases, id, 1)
  if number % 2 == 0 then number = redis.call('HINCRBY', leases, id, 1) end  -- the one before ran out
  claims[#claims + 1] = number
end
claims[2] = redis.call('ZCOUNT', due, '-inf', ARGV[5])
return claims
