-- Appends a record to an audit log.
-- KEYS[1] log: a list of time in ms : text
-- ARGV[1] text
-- Returns the number of the record
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('RPUSH', KEYS[1], string.format('%.0f', now) .. ':' .. ARGV[1])
