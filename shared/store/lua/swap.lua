-- Put a refreshed credential in place of the one that was marked under this lease.
-- KEYS  account hash     ARGV  number, old credential, new credential
-- Returns 1, also when it was swapped already; 0 when it is no longer the one that was marked, and nothing was written.
local account = KEYS[1]
if redis.call('HGET', account, 'credential') == ARGV[3] then return 1 end
if redis.call('HGET', account, 'refreshing') ~= ARGV[1] then return 0 end
if redis.call('HGET', account, 'credential') ~= ARGV[2] then return 0 end
redis.call('HSET', account, 'credential', ARGV[3])
redis.call('HDEL', account, 'refreshing')
return 1
