-- Take tweets out of a timeline that X shows no longer, and note when all of it was compared with X.
-- KEYS  leases hash, account hash, timeline, withheld, arrivals
-- ARGV  account_id, number, now_ms, when to look again ('' when all was compared), arrivals kept, ids…
-- Returns how many were there; -1 when the lease is somebody else's, -2 when the account is forgotten (nothing was written).
local leases, account, timeline, withheld, arrivals = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]

if not holds(leases, ARGV[1], ARGV[2]) then return lost(account) == 'late' and -1 or -2 end
local deleted = {}
for i = 6, #ARGV do
  if redis.call('ZREM', timeline, ARGV[i]) == 1 then deleted[#deleted + 1] = ARGV[i] end
  redis.call('ZREM', withheld, ARGV[i])
end
if ARGV[4] == '' then
  redis.call('HSET', account, 'checked_at_ms', ARGV[3])
  redis.call('HDEL', account, 'recheck_at_ms')
else
  redis.call('HSET', account, 'recheck_at_ms', ARGV[4])
end
if #deleted > 0 then
  redis.call('XADD', arrivals, 'MAXLEN', '~', ARGV[5], '*', 'deleted', table.concat(deleted, ' '))
  redis.call('PUBLISH', string.gsub(leases, ':leases$', ':settled:') .. ARGV[1], '')
end
return #deleted
