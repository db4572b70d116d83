-- Put an account that is overdue, or will be, where those who read last go first.
-- KEYS  due zset, leases hash     ARGV  account_id, now_ms, due_at_ms, who is due then or later stays
-- Who is read now, who is being polled and who sleeps stay where they are.
local due, account_id = KEYS[1], ARGV[1]
local due_at_ms = tonumber(redis.call('ZSCORE', due, account_id))
if not due_at_ms or due_at_ms == 0 or due_at_ms >= tonumber(ARGV[4]) then return 0 end

local is_leased = tonumber(redis.call('HGET', KEYS[2], account_id)) % 2 == 1 and due_at_ms > tonumber(ARGV[2])
if not is_leased then redis.call('ZADD', due, ARGV[3], account_id) end
return is_leased and 0 or 1
