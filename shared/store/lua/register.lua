-- Keep an account, its sealed credential and its first place in the schedule.
-- KEYS  due zset, leases hash, accounts set, account hash, spent
-- ARGV  account_id, now_ms, username, name, sealed credential, gaps of an unread timeline
-- Returns 1 for a new account, 0 for one registered before.
local due, leases, account = KEYS[1], KEYS[2], KEYS[4]
local account_id, now_ms = ARGV[1], ARGV[2]

local new = redis.call('HSETNX', account, 'registered_at_ms', now_ms)
redis.call('HSET', account, 'username', ARGV[3], 'name', ARGV[4], 'credential', ARGV[5], 'failures', 0,
  'strikes', 0, 'parked', '')
redis.call('HDEL', account, 'refreshing')
if new == 1 then
  redis.call('SADD', KEYS[3], account_id)
  redis.call('HSET', account, 'standing', 'active', 'gaps', ARGV[6])
  local spent = redis.call('HGETALL', KEYS[5])  -- the windows of one forgotten moments ago
  if #spent > 0 then redis.call('HSET', account, unpack(spent)) end
end
-- A poll under way with the credential of before has nothing more to say of this account.
if new == 0 then redis.call('HDEL', leases, account_id) end
if redis.call('HGET', account, 'standing') == 'active' then
  redis.call('ZADD', due, 'LT', now_ms, account_id)  -- LT adds it too; it never puts a poll off
end
return new
