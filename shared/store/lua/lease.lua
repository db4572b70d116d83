-- Whether the account is leased by this number. One whose lease was closed, who is paused or forgotten, has none.
local function holds(leases, account_id, number)
  return redis.call('HGET', leases, account_id) == number
end

-- Why a lease does not hold: somebody else has it by now, or the account was forgotten.
local function lost(account)
  return redis.call('EXISTS', account) == 1 and 'late' or 'forgotten'
end

-- Whether somebody has the account until it is due: a lease that ran out keeps its number until the next claim.
local function is_leased(leases, account_id, due_at_ms, now_ms)
  return due_at_ms and tonumber(due_at_ms) > tonumber(now_ms) and redis.call('HEXISTS', leases, account_id) == 1
end

-- Tell whoever waits for this account that there may be something new.
local function tell(due, account_id)
  redis.call('PUBLISH', string.gsub(due, ':due$', ':settled:') .. account_id, '')
end

-- Close a lease: the account is due at `due_at_ms`, or sleeps when that is '', outside the schedule; its number
-- is no more, and whoever waits for it is told.
-- XX: a forgotten or paused account is not put back into the schedule.
local function close(due, leases, account_id, due_at_ms)
  if due_at_ms == '' then redis.call('ZREM', due, account_id) else redis.call('ZADD', due, 'XX', due_at_ms, account_id) end
  redis.call('HDEL', leases, account_id)
  tell(due, account_id)
end
