-- List the API keys, or the feed links, of an account.
-- KEYS  sessions
-- ARGV  what the key of a session begins with, kind
-- Returns {{hash, name, scopes, made_at_ms, used_at_ms}…}, in no order.
local found = {}
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], '+inf', '+inf', 'BYSCORE')) do
  local held = redis.call('HMGET', ARGV[1] .. hash, 'name', 'scopes', 'made_at_ms', 'used_at_ms', 'kind')
  if held[5] == ARGV[2] then table.insert(found, {hash, unpack(held, 1, 4)}) end
end
return found
