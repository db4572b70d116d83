-- End the API key, or the feed link, of an account whose hash begins with this id.
-- KEYS  sessions
-- ARGV  what the key of a session begins with, id, digits that an id has, kind
-- Returns 1, or 0 when there is no such key.
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], '+inf', '+inf', 'BYSCORE')) do
  if hash:sub(1, tonumber(ARGV[3])) == ARGV[2] and redis.call('HGET', ARGV[1] .. hash, 'kind') == ARGV[4] then
    redis.call('ZREM', KEYS[1], hash)
    local revoked = redis.call('DEL', ARGV[1] .. hash)
    local channel = string.gsub(KEYS[1], ':sessions:', ':settled:')
    redis.call('PUBLISH', channel, '')  -- who listens with it is to look
    return revoked
  end
end
return 0
