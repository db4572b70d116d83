-- Reserve posts before X is asked for them: as many as every limit leaves, at most those wanted.
-- KEYS  bill of the day, bill of the month, reserved of the day, and of the day before if in the same month
-- ARGV  account_id, posts wanted, at_ms, limits in posts of day, month and account's day ('' for none), lives_ms,
--       under which name it is reserved, and the other that the account has
-- Returns {posts reserved, billed this day, this month, for the account this day, reserved this day, the day before}.
local day, month, reserved, yesterday = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local account_id, at_ms, name, other = ARGV[1], ARGV[3], ARGV[8], ARGV[9]

local function count(key, field)
  return tonumber(string.match(redis.call('HGET', key, field) or '0', '^%d+'))
end

local billed, billed_month, billed_account = count(day, 'app'), count(month, 'app'), count(day, account_id)
-- What was reserved before under this name and never told of covers the next request: it asks for the same posts.
local mine = count(reserved, name)
local others = count(reserved, 'app') - mine
local earlier = yesterday and count(yesterday, 'app') or 0

local posts = tonumber(ARGV[2])
for i, used in ipairs({billed + others, billed_month + others + earlier, billed_account + count(reserved, other)}) do
  if ARGV[3 + i] ~= '' then posts = math.min(posts, tonumber(ARGV[3 + i]) - used) end
end
if posts < 1 then return {0, billed, billed_month, billed_account, others + mine, earlier} end
mine = math.max(mine, posts)
redis.call('HSET', reserved, name, mine .. ' ' .. at_ms, 'app', others + mine)
redis.call('PEXPIRE', reserved, ARGV[7])
return {posts, billed, billed_month, billed_account, others + mine, earlier}
