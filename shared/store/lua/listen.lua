-- Read what has arrived in a timeline since an entry, for whoever holds a session and listens.
-- KEYS  session, sessions, account hash, arrivals, timeline, withheld
-- ARGV  account_id, now_ms, scope that it takes, entry after which ('' for the newest), most entries, fields…
-- Returns nothing when the session is not this account's, or is no more; 0 when it has not the scope; else
--         {field values}, tweets held, newest entry, 1 when entries that came after may be gone,
--         {entries from the one after which on}, {ids added in them of which X has withheld something},
--         {ids added in them that the timeline holds no longer}.
local now_ms, after = tonumber(ARGV[2]), ARGV[4]

-- Tell whether all that was ever added to a stream is there.
local function is_whole(stream)
  local told = redis.call('XINFO', 'STREAM', stream)
  for i = 1, #told, 2 do
    if told[i] == 'entries-added' then return told[i + 1] == redis.call('XLEN', stream) end
  end
end

local session = use(KEYS[1], KEYS[2], ARGV[1], now_ms)
if not session then return false end
if not string.find(' ' .. session[3] .. ' ', ' ' .. ARGV[3] .. ' ', 1, true) then return 0 end
note_read(KEYS[3], now_ms)

local newest = redis.call('XREVRANGE', KEYS[4], '+', '-', 'COUNT', 1)[1]
newest = newest and newest[1] or '0-0'
local entries, is_trimmed = {}, 0
if after ~= '' and after ~= newest then
  entries = redis.call('XRANGE', KEYS[4], after, '+', 'COUNT', tonumber(ARGV[5]) + 1)
  -- One that a crash has lost lies among others: what it told was told, and comes again. One that was
  -- trimmed lies before all others. One beyond all others is of a history that this server never had: an
  -- older backup's, or another's whose clock was ahead, and what it adds now may come to lie before it.
  local is_there = entries[1] and entries[1][1] == after
  if after == '0-0' then
    if not is_whole(KEYS[4]) then is_trimmed = 1 end
  elseif not entries[1] or not is_there and not redis.call('XRANGE', KEYS[4], '-', '(' .. after, 'COUNT', 1)[1] then
    is_trimmed = 1
  end
elseif after ~= '' then
  entries = redis.call('XRANGE', KEYS[4], after, after)
end

-- What X shows this viewer no longer, and what of it is withheld, is known only of what is held.
local withheld, gone = {}, {}
for _, entry in ipairs(entries) do
  for id in string.gmatch(entry[2][1] == 'added' and entry[2][2] or '', '%d+') do
    if not redis.call('ZSCORE', KEYS[5], id) then gone[#gone + 1] = id
    elseif redis.call('ZSCORE', KEYS[6], id) then withheld[#withheld + 1] = id end
  end
end
local fields = redis.call('HMGET', KEYS[3], unpack(ARGV, 6))
return {fields, redis.call('ZCARD', KEYS[5]), newest, is_trimmed, entries, withheld, gone}
