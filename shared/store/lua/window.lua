-- Take one request from the account's window, its home timeline's unless another is named.
-- Returns true, or false when none is left.
--
-- X's window starts at the first call after the last one ended. How much a new one holds is what X
-- said of the last; for an account never asked about, one request is let through to find out.
-- Until X's headers have told when a window ends it is assumed to start with the latest request,
-- the latest it can have started: so no request is sent that a slower clock at X would refuse.
local function reserve(account, now_ms, assumed_window_ms, name)
  name = name or 'window'
  local window = redis.call('HMGET', account,
    name .. '_limit', name .. '_left', name .. '_resets_at_ms', name .. '_assumed')
  local limit, left, resets_at_ms = tonumber(window[1]), tonumber(window[2]), tonumber(window[3])
  local assumed = window[4] == '1'
  if not resets_at_ms or now_ms >= resets_at_ms then
    left, assumed = math.max(1, limit or 1), true  -- a limit of 0 is probed too, or it would stay for ever
  end
  if left < 1 then return false end
  if assumed then resets_at_ms = now_ms + assumed_window_ms end
  redis.call('HSET', account, name .. '_left', left - 1,
    name .. '_resets_at_ms', string.format('%.0f', resets_at_ms), name .. '_assumed', assumed and '1' or '0')
  return true
end

-- Correct the window by what X's headers said; '' where an answer had none.
-- Within a window that X has told of before, only down: a request that is still under way is
-- reserved here and not yet counted there. A late answer of the window before says nothing of this one.
local function correct(account, limit, left, resets_at_ms, name)
  if resets_at_ms == '' then return end
  name = name or 'window'
  local known = redis.call('HMGET', account, name .. '_left', name .. '_resets_at_ms', name .. '_assumed')
  local told = known[3] == '0'
  if told and tonumber(known[2]) - tonumber(resets_at_ms) > 60000 then return end
  if told and known[2] == resets_at_ms and tonumber(known[1]) < tonumber(left) then left = known[1] end
  redis.call('HSET', account, name .. '_limit', limit, name .. '_left', left,
    name .. '_resets_at_ms', resets_at_ms, name .. '_assumed', '0')
end
