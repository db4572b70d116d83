-- Remove every key of an account. Its sessions lie in other slots: the caller deletes them first.
-- KEYS  due zset, leases hash, account hash, timeline, arrivals, sessions     ARGV  account_id
-- Returns 1, or 0 when there was no such account.
redis.call('ZREM', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
local known = redis.call('DEL', KEYS[3])
redis.call('UNLINK', KEYS[4], KEYS[5], KEYS[6])
return known
