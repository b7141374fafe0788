-- Takes an instance's lease. Its number is at least the time in microseconds: a promoted replica that lacks the last number given does not give it again.
-- KEYS[1] leases of a fleet: a hash of n (the last number given) and, by number, end in ms : acknowledged revision : holder
-- ARGV[1] holder
-- ARGV[2] duration, ms
-- Returns the number of the lease
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local number = math.max(tonumber(redis.call('HGET', KEYS[1], 'n') or '0') + 1, time[1] * 1000000 + time[2])
local field = string.format('%.0f', number)
redis.call('HSET', KEYS[1], 'n', field, field, string.format('%.0f', now + ARGV[2]) .. ':0:' .. ARGV[1])
return number
