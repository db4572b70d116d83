-- Say how many accounts may be claimed now: as the limiter has it, or one canary while X is out.
-- KEYS  stopped, price hash, claims hash, breaker hash, accepted zset
-- ARGV  now_ms, claims permitted before and not made, 1 for a canary likewise, burst_ms, spread in [0, 1)
-- Returns {claims, 1 while X is out, why X refuses the whole app ('' while it does not)}. What is permitted is taken; what is left of it is told the next time.
local price, claims, breaker, accepted = KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local now_ms, unused, burst_ms = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])

-- The limit follows what is usual, at half more, so that a backlog melts; a small deployment needs none.
local FASTER, LEAST, ALL_WITHIN_S = 1.5, 10, 900
local LONGEST_WAIT_MS = 60000
-- Nothing here is meant for later than this: what is was written by a clock that is ahead.
local AHEAD_MS = 2 * LONGEST_WAIT_MS

-- An instant of a hash; now, where a clock that is ahead has written it: nobody would be claimed until then.
local function instant(hash, field)
  local at_ms = tonumber(redis.call('HGET', hash, field) or '')
  if not at_ms or at_ms <= now_ms + AHEAD_MS then return at_ms end
  redis.call('HSET', hash, field, now_ms)
  return now_ms
end

-- Whether X is out: nobody has been accepted since the breaker opened.
local function is_out()
  local opened_at_ms = instant(breaker, 'opened_at_ms')
  if not opened_at_ms then return false end
  local answered_at_ms = redis.call('ZRANGE', accepted, 0, 0, 'REV', 'WITHSCORES')[2]
  if not answered_at_ms or tonumber(answered_at_ms) <= opened_at_ms then return true end
  redis.call('DEL', breaker)
  return false
end

-- One account when it is time, and after twice the wait another.
local function canary()
  if ARGV[3] == '1' then return 1 end  -- none was found
  if now_ms < instant(breaker, 'next_at_ms') then return 0 end
  local wait_ms = math.min(LONGEST_WAIT_MS, 2 * tonumber(redis.call('HGET', breaker, 'wait_ms')))
  local next_at_ms = now_ms + math.floor(wait_ms * (1 + tonumber(ARGV[5]) / 2))
  redis.call('HSET', breaker, 'wait_ms', wait_ms, 'next_at_ms', next_at_ms)
  return 1
end

-- All that the bucket of claims holds.
local function empty_bucket()
  local means = redis.call('HMGET', price, 'spending', 'accounts')
  local left, left_at_ms = redis.call('HGET', claims, 'tokens'), instant(claims, 'at_ms')
  local usual = math.max(LEAST, tonumber(means[1] or 0), tonumber(means[2] or 0) / ALL_WITHIN_S)
  local tokens, at_ms = usual * burst_ms / 1000, now_ms
  if left then
    at_ms = math.max(now_ms, left_at_ms)
    local refilled = (at_ms - left_at_ms) / 1000 * FASTER * usual
    tokens = math.min(tokens, tonumber(left) + unused + refilled)
  end
  local taken = math.floor(tokens)
  redis.call('HSET', claims, 'tokens', tokens - taken, 'at_ms', at_ms)
  redis.call('PEXPIRE', claims, LONGEST_WAIT_MS)
  return taken
end

local stopped = redis.call('GET', KEYS[1])
if stopped then return {0, 0, stopped} end
if is_out() then return {canary(), 1, ''} end
return {empty_bucket(), 0, ''}
