-- Move up to ARGV[3] due accounts to the end of a lease and number each lease.
-- KEYS  due zset, leases hash     ARGV  now_ms, lease_ms, limit
-- Returns {account_id, number, account_id, number, ...}, longest overdue first.
-- A number is odd while its lease lasts, and even when it has been closed.
local due, leases = KEYS[1], KEYS[2]
local now_ms, lease_ms, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]

local claims = {}
local ids = redis.call('ZRANGE', due, '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, limit)
for _, id in ipairs(ids) do
  redis.call('ZADD', due, now_ms + lease_ms, id)
  claims[#claims + 1] = id
  local number = redis.call('HINCRBY', leases, id, 1)
  if number % 2 == 0 then number = redis.call('HINCRBY', leases, id, 1) end  -- the one before ran out
  claims[#claims + 1] = number
end
return claims
