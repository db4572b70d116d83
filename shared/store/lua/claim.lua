-- Move due accounts of one shard to the end of a lease and number each lease.
-- KEYS  due zset, leases hash     ARGV  now_ms, lease_ms, limit, how many more that are read now, soon_ms
-- Returns {how many of them are read now, how many more are due by `soon_ms`, account_id, number, …},
-- first those that somebody reads now, who are due at 0, then the longest overdue.
-- Numbers follow the time, in microseconds: none from before a forgetting, or from before a backup was put back,
-- is given again. Each is followed by the one that it has once its poll has begun.
local due, leases = KEYS[1], KEYS[2]
local now_ms, lease_ms, limit, most_read = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])

local read = math.min(redis.call('ZCOUNT', due, 0, 0), most_read)
local claims = {read, 0}
local ids = {}
if read + limit > 0 then ids = redis.call('ZRANGE', due, '-inf', now_ms, 'BYSCORE', 'LIMIT', 0, read + limit) end
if #ids > 0 then
  local number = math.max(tonumber(redis.call('HGET', leases, 'newest') or 0), now_ms * 1000)
  local ends, numbers = {}, {}
  for i, id in ipairs(ids) do
    number = number + 2
    ends[2 * i - 1], ends[2 * i] = now_ms + lease_ms, id
    numbers[2 * i - 1], numbers[2 * i] = id, number
    claims[2 * i + 1], claims[2 * i + 2] = id, number
  end
  redis.call('ZADD', due, unpack(ends))
  redis.call('HSET', leases, 'newest', number, unpack(numbers))
end
claims[2] = redis.call('ZCOUNT', due, '-inf', ARGV[5])
return claims
