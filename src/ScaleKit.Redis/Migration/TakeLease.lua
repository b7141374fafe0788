-- Takes an instance's lease.
-- KEYS[1] leases of a fleet: a hash of n (the last number given) and, by number, end in ms : acknowledged revision : holder
-- ARGV[1] holder
-- ARGV[2] duration, ms
-- Returns the number of the lease
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local number = redis.call('HINCRBY', KEYS[1], 'n', 1)
redis.call('HSET', KEYS[1], number, string.format('%.0f', now + ARGV[2]) .. ':0:' .. ARGV[1])
return number
