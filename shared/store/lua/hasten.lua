-- Make an account due before all others, and note what its reader wants.
-- KEYS  due zset, leases hash, account hash     ARGV  account_id, now_ms, wanted
-- Returns 1 when a poll is under way, or due; 0 for an account that is paused or forgotten.
-- A lease is not cut short for who reads meanwhile: what they want is the next poll's to do.
local due, account_id = KEYS[1], ARGV[1]
local due_at_ms = redis.call('ZSCORE', due, account_id)
if not due_at_ms and redis.call('HGET', KEYS[3], 'standing') ~= 'active' then return 0 end

redis.call('HSET', KEYS[3], 'wanted', ARGV[3])
if not is_leased(KEYS[2], account_id, due_at_ms, ARGV[2]) then redis.call('ZADD', due, 0, account_id) end
return 1
