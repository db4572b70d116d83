-- Begin a session of an account that is registered; the oldest go when there are too many.
-- KEYS  account hash, sessions, session
-- ARGV  account_id, hash of the token, now_ms, lasts_ms, sessions kept, what the key of a session begins with
-- Returns 1, or 0 when there is no such account.
local account, sessions, session = KEYS[1], KEYS[2], KEYS[3]
local now_ms, lasts_ms = tonumber(ARGV[3]), tonumber(ARGV[4])

if redis.call('EXISTS', account) == 0 then return 0 end
redis.call('SET', session, ARGV[1], 'PX', lasts_ms)
redis.call('ZADD', sessions, now_ms + lasts_ms, ARGV[2])
redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now_ms)
redis.call('PEXPIRE', sessions, lasts_ms)
local surplus = redis.call('ZCARD', sessions) - tonumber(ARGV[5])
if surplus > 0 then
  for _, hash in ipairs(redis.call('ZRANGE', sessions, 0, surplus - 1)) do redis.call('DEL', ARGV[6] .. hash) end
  redis.call('ZREMRANGEBYRANK', sessions, 0, surplus - 1)
end
return 1
