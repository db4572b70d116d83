-- Put a refreshed credential in place of the one that was marked under this lease.
-- KEYS  due zset, leases hash, account hash     ARGV  account_id, number, old credential, new credential, now_ms
-- Returns 1, also when it was swapped already; 0 when it is no longer the one that was marked, and nothing was
-- written. Whoever found the mark meanwhile and gave the account up is overruled; a poll that still has this lease
-- goes on with the new credential, and says itself when the account is due.
local due, leases, account = KEYS[1], KEYS[2], KEYS[3]
if redis.call('HGET', account, 'credential') == ARGV[4] then return 1 end
if redis.call('HGET', account, 'refreshing') ~= ARGV[2] then return 0 end
if redis.call('HGET', account, 'credential') ~= ARGV[3] then return 0 end
local held = redis.call('HMGET', account, 'parked', 'standing')
redis.call('HSET', account, 'credential', ARGV[4], 'parked', '', 'strikes', 0)
redis.call('HDEL', account, 'refreshing')
if held[1] and held[1] ~= '' and held[2] == 'active' and not holds(leases, ARGV[1], ARGV[2]) then
  redis.call('ZADD', due, 'LT', ARGV[5], ARGV[1])
end
return 1
