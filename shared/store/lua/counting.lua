-- Count calls of a session against its own window, which starts at the first call after the last one ended.
-- Returns what is left of it, -1 when there were too many, and when it ends. A limit of 0 is none.
local function count(session, now_ms, calls, limit)
  if limit == 0 then return 0, 0 end
  local held = redis.call('HMGET', session, 'calls', 'calls_reset_at_ms')
  local made, resets_at_ms = tonumber(held[1] or 0), tonumber(held[2] or 0)
  if now_ms >= resets_at_ms then
    made, resets_at_ms = 0, now_ms + 900000
    redis.call('HSET', session, 'calls', 0, 'calls_reset_at_ms', string.format('%.0f', resets_at_ms))
  end
  if made + calls > limit then return -1, resets_at_ms end
  if calls > 0 then redis.call('HINCRBY', session, 'calls', calls) end
  return limit - made - calls, resets_at_ms
end
