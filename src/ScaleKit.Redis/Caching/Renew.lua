-- Prolongs a fill lease, or gives it back.
-- KEYS[1] lease: see Lease.lua
-- ARGV[1] token, 8 bytes
-- ARGV[2] duration, ms; 0 gives it back
-- ARGV[3] channel on which waiters are woken
-- ARGV[4] what is said there
-- Returns 1 if the lease still held, else 0
if redis.call('HGET', KEYS[1], 'o') ~= ARGV[1] then
  return 0
end
if ARGV[2] ~= '0' then
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[2])
  end
  return 1
end
if redis.call('HGET', KEYS[1], 'w') then
  redis.call('PUBLISH', ARGV[3], ARGV[4])
end
redis.call('HDEL', KEYS[1], 'o', 'v', 'j', 'w')
return 1
