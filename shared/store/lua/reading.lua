-- Note that somebody reads the timeline now: at most once a minute, for polls to learn from.
-- What no poll has taken in yet is bounded, for an account that is not polled.
local function note_read(account, now_ms)
  local noted = redis.call('HMGET', account, 'read_at_ms', 'reads')
  if noted[1] and now_ms - tonumber(noted[1]) < 60000 then return end
  local reads, at_ms = noted[2] or '', string.format('%.0f', now_ms)
  if #reads < 1000 then redis.call('HSET', account, 'read_at_ms', at_ms, 'reads', reads .. at_ms .. ' ')
  else redis.call('HSET', account, 'read_at_ms', at_ms) end
end
