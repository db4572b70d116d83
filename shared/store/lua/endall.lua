-- End every session of an account that is of one of these kinds.
-- KEYS  sessions
-- ARGV  what the key of a session begins with, kinds…
-- Returns how many have ended.
local ending, ended = {}, 0
for index = 2, #ARGV do ending[ARGV[index]] = true end
for _, hash in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  if ending[redis.call('HGET', ARGV[1] .. hash, 'kind') or ''] then
    ended = ended + redis.call('DEL', ARGV[1] .. hash)
    redis.call('ZREM', KEYS[1], hash)
  end
end
-- Who listens with one of them is to look.
local channel = string.gsub(KEYS[1], ':sessions:', ':settled:')
redis.call('PUBLISH', channel, '')
return ended
