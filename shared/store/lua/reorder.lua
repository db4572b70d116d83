-- Put an account that is overdue, or will be, where those who read last go first.
-- KEYS  due zset, leases hash     ARGV  account_id, now_ms, due_at_ms, who is due then or later stays ('' for nobody)
-- Who is read now or is being polled stays; who sleeps has no place.
local due, account_id = KEYS[1], ARGV[1]
local due_at_ms = tonumber(redis.call('ZSCORE', due, account_id))
if not due_at_ms or due_at_ms == 0 or due_at_ms >= (tonumber(ARGV[4]) or math.huge) then return 0 end
if is_leased(KEYS[2], account_id, due_at_ms, ARGV[2]) then return 0 end

redis.call('ZADD', due, ARGV[3], account_id)
return 1
