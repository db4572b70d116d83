-- Note that X gave no sensible answer for an account; open the breaker when it gives none to anybody.
-- KEYS  faults zset, accepted zset, breaker hash
-- ARGV  account_id, now_ms, lately_ms, how many accounts, for how long at least, first wait_ms, lives_ms
-- Returns 1 while the breaker is open, else 0.
local faults, accepted, breaker = KEYS[1], KEYS[2], KEYS[3]
local now_ms, lately_ms = tonumber(ARGV[2]), tonumber(ARGV[3])

local answered_at_ms = tonumber(redis.call('ZRANGE', accepted, 0, 0, 'REV', 'WITHSCORES')[2] or 0)
local opened_at_ms = redis.call('HGET', breaker, 'opened_at_ms')
if opened_at_ms and answered_at_ms <= tonumber(opened_at_ms) then
  redis.call('PEXPIRE', breaker, ARGV[7])
  return 1
end
redis.call('ZREMRANGEBYSCORE', faults, '-inf', math.max(answered_at_ms, now_ms - lately_ms))
redis.call('ZADD', faults, 'NX', now_ms, ARGV[1])  -- its first fault counts: how long has this been so?
redis.call('PEXPIRE', faults, lately_ms)
if redis.call('ZCARD', faults) < tonumber(ARGV[4]) then return 0 end
local first_at_ms = tonumber(redis.call('ZRANGE', faults, 0, 0, 'WITHSCORES')[2])
if now_ms - first_at_ms < tonumber(ARGV[5]) then return 0 end
redis.call('HSET', breaker, 'opened_at_ms', now_ms, 'wait_ms', ARGV[6], 'next_at_ms', now_ms + tonumber(ARGV[6]))
redis.call('PEXPIRE', breaker, ARGV[7])
return 1
