-- Make an account due now, unless it is being polled: a lease is not cut short for who reads meanwhile.
-- KEYS  due zset, leases hash, account hash     ARGV  account_id, now_ms, what is wanted
-- Returns 1 when a poll is under way, or due; 0 for an account that is paused or forgotten.
local due_at_ms = redis.call('ZSCORE', KEYS[1], ARGV[1])
if not due_at_ms then return 0 end
redis.call('HSET', KEYS[3], 'wanted', ARGV[3])
local is_leased = tonumber(redis.call('HGET', KEYS[2], ARGV[1])) % 2 == 1
if tonumber(due_at_ms) > tonumber(ARGV[2]) and not is_leased then
  redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
end
return 1
