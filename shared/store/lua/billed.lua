-- Count the posts of an answer that X had not billed this day, and give back what was reserved for it.
-- KEYS  billed set, bill of the day, bill of the month, reserved of the day
-- ARGV  account_id, at_ms of the reservation, day's and month's lives in ms, ids…
-- Returns {billed this day, this month, for the account this day, reserved in all}.
local billed, day, month, reserved = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local account_id, at_ms = ARGV[1], ARGV[2]
local FIRST_ID = 5

local function bill(key, posts, lives_ms)
  redis.call('HINCRBY', key, 'app', posts)
  redis.call('HINCRBY', key, account_id, posts)
  redis.call('PEXPIRE', key, lives_ms)
end

-- A newer request of the account is under way if its number is another: what covers that one stays.
local function release()
  local posts, reserved_at_ms = string.match(redis.call('HGET', reserved, account_id) or '', '^(%d+) (%d+)$')
  if reserved_at_ms ~= at_ms then return end
  redis.call('HDEL', reserved, account_id)
  redis.call('HINCRBY', reserved, 'app', -posts)
end

if #ARGV >= FIRST_ID then
  local new = redis.call('SADD', billed, unpack(ARGV, FIRST_ID))
  if new > 0 then
    bill(day, new, ARGV[3])
    bill(month, new, ARGV[4])
    redis.call('PEXPIRE', billed, ARGV[3])
  end
end
release()
local counts = redis.call('HMGET', day, 'app', account_id)
return {tonumber(counts[1] or 0), tonumber(redis.call('HGET', month, 'app') or 0), tonumber(counts[2] or 0),
  tonumber(redis.call('HGET', reserved, 'app') or 0)}
