-- Begin a session of an account that is registered. The oldest go when there are too many; keys and feed links do not, and are
-- listed at infinity, for what somebody has put into a program is not to end by itself.
-- KEYS  account hash, sessions, session
-- ARGV  account_id, hash of the token, now_ms, kind, scopes, name, idle_ms (0: never ends by idleness),
--       sessions kept, keys kept, what the key of a session begins with
-- Returns 1; 0 when there is no such account; -1 when it has as many keys and links as it may.
local account, sessions, session = KEYS[1], KEYS[2], KEYS[3]
local hash, kind, begins = ARGV[2], ARGV[4], ARGV[10]
local now_ms, idle_ms = tonumber(ARGV[3]), tonumber(ARGV[7])

if redis.call('EXISTS', account) == 0 then return 0 end
if redis.call('EXISTS', session) == 1 then return 1 end  -- the same call, made again after a lost answer
-- What seems over goes for good, by whosever clock: nothing is left that the list does not name.
for _, each in ipairs(redis.call('ZRANGE', sessions, '-inf', now_ms, 'BYSCORE')) do
  redis.call('DEL', begins .. each)
end
redis.call('ZREMRANGEBYSCORE', sessions, '-inf', now_ms)
local lasts = kind == 'key' or kind == 'feed'
if lasts then
  for _, each in ipairs(redis.call('ZRANGE', sessions, '+inf', '+inf', 'BYSCORE')) do
    if redis.call('EXISTS', begins .. each) == 0 then redis.call('ZREM', sessions, each) end
  end
  if redis.call('ZCOUNT', sessions, '+inf', '+inf') >= tonumber(ARGV[9]) then return -1 end
end

redis.call('HSET', session, 'account', ARGV[1], 'kind', kind, 'scopes', ARGV[5], 'name', ARGV[6],
  'made_at_ms', ARGV[3], 'used_at_ms', lasts and '0' or ARGV[3], 'idle_ms', ARGV[7])
if idle_ms > 0 then redis.call('PEXPIRE', session, idle_ms) end
redis.call('ZADD', sessions, lasts and '+inf' or now_ms + idle_ms, hash)

local surplus = redis.call('ZCOUNT', sessions, '-inf', '(+inf') - tonumber(ARGV[8])
if surplus > 0 then
  for _, each in ipairs(redis.call('ZRANGE', sessions, 0, surplus - 1)) do redis.call('DEL', begins .. each) end
  redis.call('ZREMRANGEBYRANK', sessions, 0, surplus - 1)
end
outlast(sessions, now_ms)
return 1
