-- Take one request to users/me from a credential's window.
-- KEYS  window hash     ARGV  now_ms, assumed_window_ms
-- Returns 0, or the instant at which the window resets when no request is left.
if not reserve(KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2])) then
  return redis.call('HGET', KEYS[1], 'window_resets_at_ms')
end
local resets_at_ms = tonumber(redis.call('HGET', KEYS[1], 'window_resets_at_ms'))
redis.call('PEXPIRE', KEYS[1], math.max(1, resets_at_ms - tonumber(ARGV[1])))
return 0
