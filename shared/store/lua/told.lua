-- Correct a credential's window by what X's headers said; kept until it ends.
-- KEYS  window hash     ARGV  now_ms, window limit, left, resets_at_ms
correct(KEYS[1], ARGV[2], ARGV[3], ARGV[4])
redis.call('PEXPIRE', KEYS[1], math.max(1, tonumber(ARGV[4]) - tonumber(ARGV[1])))
