-- Put a key wrapped anew in the place of the old one, unless that has changed or is gone.
-- KEYS  data key     ARGV  old, new
-- Returns 1, or 0 when nothing was written.
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2])
return 1
