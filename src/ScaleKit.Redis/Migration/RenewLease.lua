-- Renews an instance's lease, also one that has ended and was not removed.
-- KEYS[1] leases: see TakeLease.lua
-- ARGV[1] number
-- ARGV[2] acknowledged revision
-- ARGV[3] duration, ms
-- Returns 1 if the lease was there, else 0
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if not lease then
  return 0
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local holder = string.match(lease, '^%d+:%d+:(.*)$')
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f', now + ARGV[3]) .. ':' .. ARGV[2] .. ':' .. holder)
return 1
