-- Take one question out of an account's window for lookups, after correcting it by what X said last.
-- KEYS  account hash     ARGV  now_ms, assumed_window_ms, limit, left, resets_at_ms ('' each when not told)
-- Returns 1, or 0 when none is left.
correct(KEYS[1], ARGV[3], ARGV[4], ARGV[5], 'lookup')
return reserve(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), 'lookup') and 1 or 0
