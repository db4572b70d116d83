-- Begin a poll: is the lease still ours, is a request left, and what is held so far?
-- KEYS  due zset, leases hash, account hash, timeline
-- ARGV  account_id, number, now_ms, lease_ms, assumed_window_ms
-- Returns {'late'}; {'empty'} when the window holds no request (the account is due again when it resets);
--         {'begun', number, tweets, {credential, newest, floor, gaps, as_of_ms, failures, strikes, …}}.
-- The number is counted up, so that a job delivered twice begins once. What somebody wanted is this poll's to do.
local due, leases, account, timeline = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local account_id, number, now_ms = ARGV[1], ARGV[2], tonumber(ARGV[3])

if not holds(leases, account_id, number) then return {'late'} end
if not reserve(account, now_ms, tonumber(ARGV[5])) then
  close(due, leases, account_id, redis.call('HGET', account, 'window_resets_at_ms'))
  redis.call('HSET', account, 'outcome', 'limited')
  return {'empty'}
end
redis.call('ZADD', due, 'XX', now_ms + tonumber(ARGV[4]), account_id)
local state = redis.call('HMGET', account, 'credential', 'newest', 'floor', 'gaps', 'as_of_ms', 'failures',
  'strikes', 'struck_at_ms', 'parked', 'refreshing', 'registered_at_ms', 'interest', 'reads', 'wanted',
  'mode', 'asleep', 'unhurried', 'owed', 'checked_at_ms', 'recheck_at_ms', 'window_limit', 'window_left', 'window_resets_at_ms')
if state[14] then redis.call('HDEL', account, 'wanted') end
return {'begun', redis.call('HINCRBY', leases, account_id, 1), redis.call('ZCARD', timeline), state}
