-- Say what a session may do, and renew it.
-- KEYS  session, sessions
-- ARGV  account_id, now_ms
-- Returns what `use` does.
return use(KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])) or false
