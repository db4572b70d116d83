-- Add one page to a timeline together with the gaps that it leaves; then reserve the next request, or settle.
-- KEYS  due zset, leases hash, account hash, timeline, arrivals
-- ARGV  account_id, number, now_ms, due_at_ms, lease_ms ('' to settle now), assumed_window_ms,
--       newest, floor, gaps, as_of_ms, window limit, left, resets_at_ms ('' each when not told),
--       oldest id that is kept, tweets kept, arrivals kept, how many ids are replaced, replaced ids…, ids…
-- Returns 'late' (nothing was written), 'reserved' (the poll goes on), or 'settled'.
local due, leases, account, timeline, arrivals = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local account_id, now_ms, due_at_ms, lease_ms = ARGV[1], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local newest, floor, gaps, as_of_ms = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local oldest_kept, tweets_kept, arrivals_kept = ARGV[14], tonumber(ARGV[15]), ARGV[16]
local replaced, FIRST = tonumber(ARGV[17]), 18

-- Put in the ids that are not there yet; returns them.
local function add()
  local new, members = {}, {}
  for i = FIRST + replaced, #ARGV do members[#members + 1] = ARGV[i] end
  if #members == 0 then return new end
  local scores = redis.call('ZMSCORE', timeline, unpack(members))
  local adding = {}
  for i, member in ipairs(members) do
    if not scores[i] then
      new[#new + 1] = member
      adding[#adding + 1] = 0
      adding[#adding + 1] = member
    end
  end
  if #adding > 0 then redis.call('ZADD', timeline, unpack(adding)) end
  return new
end

-- Take out older versions of edited tweets; returns those that were there.
local function remove()
  local gone = {}
  for i = FIRST, FIRST + replaced - 1 do
    if redis.call('ZREM', timeline, ARGV[i]) == 1 then gone[#gone + 1] = ARGV[i] end
  end
  return gone
end

-- Keep to the retention by age and by count; the floor rises with what goes.
local function trim()
  if redis.call('ZREMRANGEBYLEX', timeline, '-', '(' .. oldest_kept) > 0 then
    if oldest_kept > floor then floor = oldest_kept end
  end
  local surplus = redis.call('ZCARD', timeline) - tweets_kept
  if surplus > 0 then
    local last = redis.call('ZRANGE', timeline, surplus - 1, surplus - 1)[1]
    redis.call('ZREMRANGEBYRANK', timeline, 0, surplus - 1)
    if last > floor then floor = last end
  end
end

if not holds(leases, account_id, ARGV[2]) then return 'late' end
local new, gone = add(), remove()
trim()
local gaps_before = redis.call('HGET', account, 'gaps')
redis.call('HSET', account, 'newest', newest, 'floor', floor, 'gaps', gaps,
  'as_of_ms', as_of_ms, 'outcome', 'page', 'failures', 0)
correct(account, ARGV[11], ARGV[12], ARGV[13])
if #new > 0 or #gone > 0 or gaps ~= gaps_before then
  redis.call('XADD', arrivals, 'MAXLEN', '~', arrivals_kept, '*',
    'added', table.concat(new, ' '), 'replaced', table.concat(gone, ' '), 'gaps', gaps)
end

if lease_ms ~= '' and reserve(account, now_ms, tonumber(ARGV[6])) then
  redis.call('ZADD', due, 'XX', now_ms + tonumber(lease_ms), account_id)
  return 'reserved'
end
close(due, leases, account_id, due_at_ms)
return 'settled'
