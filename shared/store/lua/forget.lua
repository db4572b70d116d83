-- Remove every key of an account, its sessions with it.
-- KEYS  due zset, leases hash, accounts set, account hash, sessions, spent, then whatever else is to go
-- ARGV  account_id, now_ms, what the key of a session begins with
-- Returns 1, or 0 when there was no such account.
local account, sessions, spent = KEYS[4], KEYS[5], KEYS[6]

-- What X has counted it goes on counting: its windows outlive the account, under a name that tells nobody's id.
local longest_ms = 0
for _, name in ipairs({'window', 'lookup'}) do
  local fields = {name .. '_limit', name .. '_left', name .. '_resets_at_ms', name .. '_assumed'}
  local window = redis.call('HMGET', account, unpack(fields))
  local remains_ms = (tonumber(window[3]) or 0) - tonumber(ARGV[2])
  if remains_ms > 0 then
    for i, field in ipairs(fields) do
      if window[i] then redis.call('HSET', spent, field, window[i]) end
    end
    longest_ms = math.max(longest_ms, remains_ms)
  end
end
if longest_ms > 0 then redis.call('PEXPIRE', spent, longest_ms) end

for _, hash in ipairs(redis.call('ZRANGE', sessions, 0, -1)) do redis.call('DEL', ARGV[3] .. hash) end
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
redis.call('SREM', KEYS[3], ARGV[1])
local known = redis.call('DEL', account)
redis.call('UNLINK', sessions, unpack(KEYS, 7))
local channel = string.gsub(sessions, ':sessions:', ':settled:')
redis.call('PUBLISH', channel, '')
return known
