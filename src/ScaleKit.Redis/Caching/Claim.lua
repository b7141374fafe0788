-- Announces a set of one key, before its record is appended to the log.
-- KEYS[1] lease: see Lease.lua
-- ARGV[1] token, 8 bytes
-- ARGV[2] duration, ms
-- Returns 1
redis.call('HSET', KEYS[1], 's' .. ARGV[1], '1')
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
end
return 1
