-- Count the posts of an answer that X had not billed this day, and give back what was reserved for it.
-- KEYS  billed set, bill of the day, bill of the month, reserved of the day
-- ARGV  account_id, posts and at_ms of the reservation, day's and month's lives in ms, under which name it is
--       reserved, ids…
-- Returns {billed this day, this month, for the account this day, reserved this day}.
local billed, day, month, reserved = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local account_id, asked, at_ms, name = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[6]
local FIRST_ID = 7

local function bill(key, posts, lives_ms)
  redis.call('HINCRBY', key, 'app', posts)
  redis.call('HINCRBY', key, account_id, posts)
  redis.call('PEXPIRE', key, lives_ms)
end

-- Give back what covered this request. More than it asked for was left by one never told of, and stays.
-- If a newer request is under way it asks for the same posts: then only what these cost is given back,
-- for that one will not be billed for them.
local function release(new)
  local posts, number = string.match(redis.call('HGET', reserved, name) or '', '^(%d+) (%d+)$')
  if not posts then return end
  local back = math.min(tonumber(posts), number == at_ms and asked or new)
  if back == 0 then return end
  if number == at_ms then number = '0' end  -- it gives nothing back a second time
  if back == tonumber(posts) then redis.call('HDEL', reserved, name)
  else redis.call('HSET', reserved, name, posts - back .. ' ' .. number) end
  redis.call('HINCRBY', reserved, 'app', -back)
end

local new = #ARGV >= FIRST_ID and redis.call('SADD', billed, unpack(ARGV, FIRST_ID)) or 0
if new > 0 then
  bill(day, new, ARGV[4])
  bill(month, new, ARGV[5])
  redis.call('PEXPIRE', billed, ARGV[4])
end
release(new)
local counts = redis.call('HMGET', day, 'app', account_id)
return {tonumber(counts[1] or 0), tonumber(redis.call('HGET', month, 'app') or 0), tonumber(counts[2] or 0),
  tonumber(redis.call('HGET', reserved, 'app') or 0)}
