-- Whether `number` is the newest lease of the account. A forgotten account has none.
local function holds(leases, account_id, number)
  return redis.call('HGET', leases, account_id) == number
end

-- Why a lease does not hold: somebody else has it by now, or the account was forgotten.
local function lost(leases, account_id)
  return redis.call('HEXISTS', leases, account_id) == 1 and 'late' or 'forgotten'
end

-- Tell whoever waits for this account that there may be something new.
local function tell(due, account_id)
  redis.call('PUBLISH', string.gsub(due, ':due$', ':settled:') .. account_id, '')
end

-- Close a lease: the account is due at `due_at_ms`, its number moves on, and whoever waits for it is told.
-- XX: a forgotten or paused account is not put back into the schedule.
local function close(due, leases, account_id, due_at_ms)
  redis.call('ZADD', due, 'XX', due_at_ms, account_id)
  redis.call('HINCRBY', leases, account_id, 1)
  tell(due, account_id)
end
