-- Read part of a timeline for whoever holds a session, with the state of its account from the same moment.
-- KEYS  session, account hash, timeline, withheld, sessions, due zset
-- ARGV  account_id, start, end, 'REV' or '', limit, now_ms, scope that it takes,
--       calls that it counts for, calls in a window, fields…
-- Returns nothing when the session is not this account's, or is no more; 0 when it has not the scope;
--         else {calls left, when their window ends}, with nothing more when there were too many calls, or
--         {field values}, tweets held, {ids}, {those of them that are withheld in part}, and what readers
--         want of the next poll, if it is before all others already.
local session = use(KEYS[1], KEYS[5], ARGV[1], tonumber(ARGV[6]))
if not session then return false end
if not string.find(' ' .. session[3] .. ' ', ' ' .. ARGV[7] .. ' ', 1, true) then return 0 end
local left, resets_at_ms = count(KEYS[1], tonumber(ARGV[6]), tonumber(ARGV[8]), tonumber(ARGV[9]))
resets_at_ms = string.format('%.0f', resets_at_ms)
if left < 0 then return {left, resets_at_ms} end
note_read(KEYS[2], tonumber(ARGV[6]))
local ids
if ARGV[4] == 'REV' then
  ids = redis.call('ZRANGE', KEYS[3], ARGV[2], ARGV[3], 'BYLEX', 'REV', 'LIMIT', 0, ARGV[5])
else
  ids = redis.call('ZRANGE', KEYS[3], ARGV[2], ARGV[3], 'BYLEX', 'LIMIT', 0, ARGV[5])
end
local withheld = {}
if #ids > 0 then
  local one, other = ids[1], ids[#ids]
  if one > other then one, other = other, one end
  withheld = redis.call('ZRANGE', KEYS[4], '[' .. one, '[' .. other, 'BYLEX')
end
local fields = redis.call('HMGET', KEYS[2], unpack(ARGV, 10))
local wanted = redis.call('ZSCORE', KEYS[6], ARGV[1]) == '0' and redis.call('HGET', KEYS[2], 'wanted')
return {left, resets_at_ms, fields, redis.call('ZCARD', KEYS[3]), ids, withheld, wanted}
