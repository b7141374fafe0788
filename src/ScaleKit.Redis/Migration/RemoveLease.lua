-- Removes a lease.
-- KEYS[1] leases: see TakeLease.lua
-- ARGV[1] number
-- ARGV[2] 1: only if it has ended by now
-- Returns 1 if it is gone, else 0
local lease = redis.call('HGET', KEYS[1], ARGV[1])
if lease and ARGV[2] == '1' then
  local time = redis.call('TIME')
  local now = time[1] * 1000 + math.floor(time[2] / 1000)
  if tonumber(string.match(lease, '^(%d+)')) > now then
    return 0
  end
end
redis.call('HDEL', KEYS[1], ARGV[1])
return 1
