-- Take a session for what it is, and put its end off: at most once a minute, for reads are many.
-- Returns its fields {account, kind, scopes, made_at_ms}; nothing when it is not this account's, or is no more.
local function use(session, sessions, account_id, now_ms)
  local held = redis.call('HMGET', session, 'account', 'kind', 'scopes', 'made_at_ms', 'used_at_ms', 'idle_ms')
  if held[1] ~= account_id then return nil end
  local idle_ms = tonumber(held[6])
  if now_ms - tonumber(held[5]) >= 60000 then
    redis.call('HSET', session, 'used_at_ms', string.format('%.0f', now_ms))
    if idle_ms > 0 then redis.call('PEXPIRE', session, idle_ms) end
    if held[2] ~= 'key' and held[2] ~= 'feed' then
      redis.call('ZADD', sessions, now_ms + idle_ms, session:match('[^:]*$'))
      outlast(sessions, now_ms)
    end
  end
  return {held[1], held[2], held[3], held[4]}
end
