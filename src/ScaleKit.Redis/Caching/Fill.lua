-- Stores what a factory made, if the lease still holds; ends the lease.
-- KEYS[1] value: see Lease.lua
-- KEYS[2] lease: see Lease.lua
-- ARGV[1] token, 8 bytes
-- ARGV[2] the new value, with its head
-- ARGV[3] lifetime, ms
-- ARGV[4] channel on which waiters are woken
-- ARGV[5] what is said there
-- Returns 1 if it was stored, else 0
if redis.call('HGET', KEYS[2], 'o') ~= ARGV[1] then
  return 0
end
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
local present = redis.call('GET', KEYS[1])
local isStored = 1
if present and #present >= 25 and string.byte(present) == 1 and isOlder(ARGV[2], present)
  and string.sub(present, 18, 25) ~= redis.call('HGET', KEYS[2], 'j') then
  isStored = 0
else
  redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
end
if redis.call('HGET', KEYS[2], 'w') then
  redis.call('PUBLISH', ARGV[4], ARGV[5])
end
redis.call('HDEL', KEYS[2], 'o', 'v', 'j', 'w')
return isStored
