-- Pause an account (out of the schedule) or resume it (due now).
-- KEYS  due zset, leases hash, account hash     ARGV  account_id, standing, now_ms
-- Returns 1, or 0 when there is no such account.
local due, leases, account = KEYS[1], KEYS[2], KEYS[3]
local account_id, standing, now_ms = ARGV[1], ARGV[2], ARGV[3]

local stands = redis.call('HGET', account, 'standing')
if not stands then return 0 end
if stands == standing then return 1 end
redis.call('HSET', account, 'standing', standing)
if standing == 'active' then
  redis.call('ZADD', due, 'LT', now_ms, account_id)
else
  redis.call('ZREM', due, account_id)
  redis.call('HDEL', leases, account_id)  -- a poll in flight may write no more
end
redis.call('PUBLISH', string.gsub(due, ':due$', ':settled:') .. account_id, '')  -- who listens is to be told
return 1
