-- Raises the fence; it never falls.
-- KEYS[1] meta: see WriteRow.lua
-- ARGV[1] epoch; 0 only asks
-- Returns the epoch in force
local fence = tonumber(redis.call('HGET', KEYS[1], 'f') or '0')
if tonumber(ARGV[1]) > fence then
  redis.call('HSET', KEYS[1], 'f', ARGV[1])
  return tonumber(ARGV[1])
end
return fence
