-- Give a lease back: the account is due now, if nobody else has leased it since.
-- KEYS  due zset, leases hash     ARGV  account_id, number, now_ms
if holds(KEYS[2], ARGV[1], ARGV[2]) then
  redis.call('ZADD', KEYS[1], 'XX', ARGV[3], ARGV[1])
end
