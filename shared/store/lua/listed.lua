-- Let the list of an account's sessions last as long as the last of them; for good where it lists an API key.
local function outlast(sessions, now_ms)
  local last = redis.call('ZRANGE', sessions, -1, -1, 'WITHSCORES')
  if last[2] == 'inf' then
    redis.call('PERSIST', sessions)
  else
    redis.call('PEXPIRE', sessions, tonumber(last[2]) - now_ms)
  end
end
