-- Reads the oldest entries of the outbox, and how much it holds.
-- KEYS[1] outbox: see WriteRow.lua
-- KEYS[2] meta: see WriteRow.lua
-- ARGV[1] how many entries
-- Returns how many it holds, the last sequence ever given, and the entries
return {redis.call('ZCARD', KEYS[1]), tonumber(redis.call('HGET', KEYS[2], 's') or '0'), redis.call('ZRANGE', KEYS[1], 0, tonumber(ARGV[1]) - 1)}
