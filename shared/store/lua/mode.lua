-- Choose how an account's money is spent, and have it polled so from now on.
-- KEYS  due zset, leases hash, account hash     ARGV  account_id, mode ('' for the deployment's), now_ms
-- Returns 1, or 0 when there is no such account.
local due, leases, account = KEYS[1], KEYS[2], KEYS[3]

if redis.call('EXISTS', account) == 0 then return 0 end
if ARGV[2] == '' then redis.call('HDEL', account, 'mode') else redis.call('HSET', account, 'mode', ARGV[2]) end
-- One that sleeps in its old mode may be due in the new one: the next poll says. A lease that lasts stays;
-- its poll goes by the old mode, and is not to put the account to sleep: another is wanted after it.
if redis.call('HEXISTS', leases, ARGV[1]) == 1 then redis.call('HSETNX', account, 'wanted', 0)
elseif redis.call('HGET', account, 'standing') == 'active' then redis.call('ZADD', due, 'LT', ARGV[3], ARGV[1]) end
return 1
