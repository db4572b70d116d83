-- Mark an account's credential as being refreshed under this lease.
-- KEYS  leases hash, account hash     ARGV  account_id, number, the sealed credential that is to be refreshed
-- Returns 1, also when it was marked so already; 0 when the lease or the credential has changed, or a
-- refresh was begun under another lease.
local leases, account = KEYS[1], KEYS[2]
if not holds(leases, ARGV[1], ARGV[2]) then return 0 end
if redis.call('HGET', account, 'credential') ~= ARGV[3] then return 0 end
redis.call('HSETNX', account, 'refreshing', ARGV[2])
return redis.call('HGET', account, 'refreshing') == ARGV[2] and 1 or 0
