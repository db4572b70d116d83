-- Say what a session may do, renew it, and count the call.
-- KEYS  session, sessions
-- ARGV  account_id, now_ms, calls in a window
-- Returns what `use` does, and what `count` does; nothing when it is not this account's, or is no more.
local now_ms = tonumber(ARGV[2])
local held = use(KEYS[1], KEYS[2], ARGV[1], now_ms)
if not held then return false end
local left, resets_at_ms = count(KEYS[1], now_ms, 1, tonumber(ARGV[3]))
held[5], held[6] = left, string.format('%.0f', resets_at_ms)
return held
