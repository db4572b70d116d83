-- Settle a poll that brought no page: note what it came to and when the account is due again.
-- KEYS  due zset, leases hash, account hash
-- ARGV  account_id, number, due_at_ms, outcome, failures, window limit, left, resets_at_ms ('' when not told),
--       1 when the request never left and is given back, strikes, struck_at_ms, why it is parked ('' when not)
-- Returns 'settled', or 'late' or 'forgotten' when the lease was no longer ours and nothing was written.
local due, leases, account = KEYS[1], KEYS[2], KEYS[3]

if not holds(leases, ARGV[1], ARGV[2]) then return lost(account) end
redis.call('HSET', account, 'outcome', ARGV[4], 'failures', ARGV[5],
  'strikes', ARGV[10], 'struck_at_ms', ARGV[11], 'parked', ARGV[12])
correct(account, ARGV[6], ARGV[7], ARGV[8])
if ARGV[9] == '1' then redis.call('HINCRBY', account, 'window_left', 1) end
local due_at_ms = ARGV[3]
-- Who came or chose a mode while this poll was under way is not put to sleep: another comes when its lease would end.
if due_at_ms == '' and redis.call('HEXISTS', account, 'wanted') == 1 then
  due_at_ms = redis.call('ZSCORE', due, ARGV[1])
end
close(due, leases, ARGV[1], due_at_ms)
return 'settled'
