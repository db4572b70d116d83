-- Note that X refused an account ('' for none), and count how it treats everybody.
-- KEYS  accepted zset, the zsets that are counted: of what went well, of what was refused
-- ARGV  account_id, now_ms, lately_ms, refused kept, kept_ms
-- Returns {refused lately, went well lately, when another account was last accepted}.
local accepted, well, refused = KEYS[1], KEYS[2], KEYS[3]
local account_id, now_ms = ARGV[1], tonumber(ARGV[2])
local since_ms = now_ms - tonumber(ARGV[3])

if account_id ~= '' then
  redis.call('ZADD', refused, now_ms, account_id)
  redis.call('ZREMRANGEBYSCORE', refused, '-inf', since_ms)
  redis.call('ZREMRANGEBYRANK', refused, 0, -1 - tonumber(ARGV[4]))
  redis.call('PEXPIRE', refused, ARGV[5])
end
local newest = redis.call('ZRANGE', accepted, 0, 1, 'REV', 'WITHSCORES')
local other_at_ms = newest[1] ~= account_id and newest[2] or newest[4]
return {redis.call('ZCOUNT', refused, since_ms, '+inf'), redis.call('ZCOUNT', well, since_ms, '+inf'),
  other_at_ms or '0'}
