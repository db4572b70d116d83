-- Whether `number` is the newest lease of the account. A forgotten account has none.
local function holds(leases, account_id, number)
  return redis.call('HGET', leases, account_id) == number
end

-- Close a lease: the account is due at `due_at_ms`, and its number moves on.
-- XX: a forgotten or paused account is not put back into the schedule.
local function close(due, leases, account_id, due_at_ms)
  redis.call('ZADD', due, 'XX', due_at_ms, account_id)
  redis.call('HINCRBY', leases, account_id, 1)
end
