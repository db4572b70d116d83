-- Take one question out of an account's window for lookups, after correcting it by what X said last.
-- KEYS  leases hash, account hash
-- ARGV  account_id, number, now_ms, assumed_window_ms, limit, left, resets_at_ms ('' each when not told)
-- Returns 1, or 0 when none is left, or the lease is somebody else's (nothing was written).
local leases, account = KEYS[1], KEYS[2]

if not holds(leases, ARGV[1], ARGV[2]) then return 0 end
correct(account, ARGV[5], ARGV[6], ARGV[7], 'lookup')
return reserve(account, tonumber(ARGV[3]), tonumber(ARGV[4]), 'lookup') and 1 or 0
