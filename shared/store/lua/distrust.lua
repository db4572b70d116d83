-- Suppose of an account that came from a backup what may have happened since.
-- KEYS  leases hash, account hash, arrivals
-- ARGV  account_id, now_ms, when no window is one of before, 1 when its refresh token may be used up
-- Any number of times is as good as once.
local leases, account, arrivals = KEYS[1], KEYS[2], KEYS[3]
local now_ms, anew_at_ms = tonumber(ARGV[2]), tonumber(ARGV[3])

if redis.call('EXISTS', account) == 0 then return end
redis.call('HDEL', leases, ARGV[1])
for _, name in ipairs({'window', 'lookup'}) do
  if (tonumber(redis.call('HGET', account, name .. '_resets_at_ms')) or 0) < anew_at_ms then
    redis.call('HSET', account, name .. '_left', 0,
      name .. '_resets_at_ms', string.format('%.0f', anew_at_ms), name .. '_assumed', '1')
  end
end
if ARGV[4] == '1' then redis.call('HSETNX', account, 'refreshing', 'restored') end
-- What arrives from now on comes after every place that was told since the backup, whatever this server's clock says.
if redis.call('EXISTS', arrivals) == 1 then redis.pcall('XSETID', arrivals, string.format('%.0f-0', now_ms)) end
