-- List the API keys of an account.
-- KEYS  sessions
-- ARGV  what the key of a session begins with
-- Returns {{hash, name, scopes, made_at_ms, used_at_ms}…}, in no order.
local found = {}
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], '+inf', '+inf', 'BYSCORE')) do
  local held = redis.call('HMGET', ARGV[1] .. hash, 'name', 'scopes', 'made_at_ms', 'used_at_ms')
  if held[1] then table.insert(found, {hash, unpack(held)}) end
end
return found
