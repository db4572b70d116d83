-- Count a failed try in a fixed window.
-- KEYS  tries
-- ARGV  length of a window in ms
-- Returns {tries in this window, ms that are left of it}.
local tries = redis.call('INCR', KEYS[1])
if tries == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return {tries, redis.call('PTTL', KEYS[1])}
