-- Deletes a value older than a version and ends every lease granted before it; stores the value of a set, where one is given, unless something later is there
-- or was revoked since the set was announced.
-- KEYS[1] value: see Lease.lua
-- KEYS[2] lease: see Lease.lua
-- ARGV[1] 1 (format) and the version, 17 bytes: the beginning of a value
-- ARGV[2] token of the set's claim, 8 bytes; empty to store nothing
-- ARGV[3] the new value, with its head
-- ARGV[4] lifetime, ms
-- ARGV[5] channel on which waiters are woken
-- ARGV[6] what is said there
-- Returns 1 if the value was stored, else 0
-- Byte by byte: numbers of 64 bits are not exact here, and strings compare by the server's locale.
local function isOlder(one, other)
  for i = 2, 17 do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a < b
    end
  end
  return false
end
local value = redis.call('GET', KEYS[1])
if value and (#value < 25 or string.byte(value) ~= 1 or isOlder(value, ARGV[1])) then
  redis.call('DEL', KEYS[1])
  value = false
end
local lease = redis.call('HMGET', KEYS[2], 'v', 'w', 'f')
local isClaimed = ARGV[2] ~= '' and redis.call('HDEL', KEYS[2], 's' .. ARGV[2]) == 1 and not (lease[3] and isOlder(ARGV[1], lease[3]))
if lease[1] and isOlder('1' .. lease[1], ARGV[1]) then
  redis.call('HDEL', KEYS[2], 'o', 'v', 'j', 'w')
  if lease[2] then
    redis.call('PUBLISH', ARGV[5], ARGV[6])
  end
end
-- A set that was announced and has not stored yet must not go below this.
if (not lease[3] or isOlder(lease[3], ARGV[1])) and redis.call('EXISTS', KEYS[2]) == 1 then
  redis.call('HSET', KEYS[2], 'f', ARGV[1])
end
if not isClaimed or (value and isOlder(ARGV[1], value)) then
  return 0
end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[4])
return 1
