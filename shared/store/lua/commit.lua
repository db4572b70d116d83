-- Add one page to a timeline together with the gaps that it leaves; then reserve the next request, or settle.
-- KEYS  due zset, leases hash, account hash, timeline, arrivals, withheld
-- ARGV  account_id, number, now_ms, due_at_ms, lease_ms ('' to settle now), assumed_window_ms,
--       newest, floor, gaps, as_of_ms, window limit, left, resets_at_ms ('' each when not told),
--       oldest id that is kept, tweets kept, arrivals kept,
--       interest ('' to leave it as it is, with the three after it), reads taken in, unhurried, owed, 1 when asleep,
--       how many ids are replaced and withheld, replaced…, withheld…, ids…
-- Returns {'late'} or {'forgotten'} (nothing was written), {'reserved', …} (the poll goes on), or {'settled', …}; … are how
-- many ids were not there, and those of them that were not though newer ones were.
local due, leases, account, timeline, arrivals, withheld = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6]
local account_id, now_ms, due_at_ms, lease_ms = ARGV[1], tonumber(ARGV[3]), ARGV[4], ARGV[5]
local newest, floor, gaps, as_of_ms = ARGV[7], ARGV[8], ARGV[9], ARGV[10]
local oldest_kept, tweets_kept, arrivals_kept = ARGV[14], tonumber(ARGV[15]), ARGV[16]
local interest, reads, unhurried, owed, asleep = ARGV[17], ARGV[18], ARGV[19], ARGV[20], ARGV[21]
local FIRST_REPLACED = 24
local FIRST_WITHHELD = FIRST_REPLACED + tonumber(ARGV[22])
local FIRST_ID = FIRST_WITHHELD + tonumber(ARGV[23])

-- Put in the ids that are not there yet; returns them.
local function add()
  local new, members = {}, {unpack(ARGV, FIRST_ID)}
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
  for i = FIRST_REPLACED, FIRST_WITHHELD - 1 do
    if redis.call('ZREM', timeline, ARGV[i]) == 1 then gone[#gone + 1] = ARGV[i] end
  end
  return gone
end

-- Note of which tweets X has now shown this viewer everything, and of which not.
local function note_withheld()
  if #ARGV >= FIRST_ID and redis.call('EXISTS', withheld) == 1 then
    redis.call('ZREM', withheld, unpack(ARGV, FIRST_ID))
  end
  for i = FIRST_WITHHELD, FIRST_ID - 1 do redis.call('ZADD', withheld, 0, ARGV[i]) end
end

-- Keep to the retention by age and by count; the floor rises with what goes, and never falls.
local function trim()
  local raised = redis.call('HGET', account, 'floor')
  if raised and raised > floor then floor = raised end
  if redis.call('ZREMRANGEBYLEX', timeline, '-', '(' .. oldest_kept) > 0 then
    if oldest_kept > floor then floor = oldest_kept end
  end
  local surplus = redis.call('ZCARD', timeline) - tweets_kept
  if surplus > 0 then
    local last = redis.call('ZRANGE', timeline, surplus - 1, surplus - 1)[1]
    redis.call('ZREMRANGEBYRANK', timeline, 0, surplus - 1)
    if last > floor then floor = last end
  end
  redis.call('ZREMRANGEBYLEX', withheld, '-', '[' .. floor)
end

-- Keep what was learned of the account's readers; reads noted since the poll began are for the next one.
local function learn()
  if interest == '' then return end
  redis.call('HSET', account, 'interest', interest, 'unhurried', unhurried, 'owed', owed, 'asleep', asleep)
  if reads == '' then return end
  local noted = redis.call('HGET', account, 'reads') or ''
  if string.sub(noted, 1, #reads) == reads then redis.call('HSET', account, 'reads', string.sub(noted, #reads + 1)) end
end

if not holds(leases, account_id, ARGV[2]) then return {lost(account)} end
local before = redis.call('HMGET', account, 'gaps', 'newest')
local gaps_before, newest_before = before[1], before[2] or ''
local new, gone = add(), remove()
local function told(word)
  local answer = {word, #new}
  for _, id in ipairs(new) do
    if id < newest_before then answer[#answer + 1] = id end
  end
  return answer
end
note_withheld()
trim()
redis.call('HSET', account, 'newest', newest, 'floor', floor, 'gaps', gaps,
  'as_of_ms', as_of_ms, 'outcome', 'page', 'failures', 0, 'strikes', 0, 'parked', '')
learn()
correct(account, ARGV[11], ARGV[12], ARGV[13])
if #new > 0 or #gone > 0 or gaps ~= gaps_before then
  redis.call('XADD', arrivals, 'MAXLEN', '~', arrivals_kept, '*',
    'added', table.concat(new, ' '), 'replaced', table.concat(gone, ' '), 'gaps', gaps)
end

if lease_ms ~= '' and reserve(account, now_ms, tonumber(ARGV[6])) then
  redis.call('ZADD', due, 'XX', now_ms + tonumber(lease_ms), account_id)
  tell(due, account_id)
  return told('reserved')
end
-- Who came while this poll was under way is not to wait until they come again.
if redis.call('HEXISTS', account, 'wanted') == 1 then
  due_at_ms = string.format('%.0f', math.min(tonumber(due_at_ms) or math.huge, now_ms + 60000))
end
close(due, leases, account_id, due_at_ms)
return told('settled')
