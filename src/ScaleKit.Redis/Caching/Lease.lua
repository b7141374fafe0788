-- Asks for the right to fill one key.
-- KEYS[1] value: 1 (format), version (epoch and sequence, 8 bytes each, big-endian), id (8 bytes), then the bytes
-- KEYS[2] lease: hash of o (token of the owner), v (its version), j (id of the value that it found useless), w (somebody waits), f (highest version revoked meanwhile), s.. (claims of sets)
-- ARGV[1] token, 8 bytes
-- ARGV[2] version, 16 bytes
-- ARGV[3] id of the value that is of no use, 8 bytes
-- ARGV[4] duration, ms
-- ARGV[5] 1 to fill in any case
-- Returns nothing when granted, 0 when another one holds it, else the value that is there
local owner = redis.call('HGET', KEYS[2], 'o')
if ARGV[5] ~= '1' then
  local value = redis.call('GET', KEYS[1])
  if value and #value >= 25 and string.byte(value) == 1 and string.sub(value, 18, 25) ~= ARGV[3] then
    return value
  end
  if owner and owner ~= ARGV[1] then
    redis.call('HSET', KEYS[2], 'w', '1')
    return 0
  end
end
redis.call('HSET', KEYS[2], 'o', ARGV[1], 'v', ARGV[2], 'j', ARGV[3])
if redis.call('PTTL', KEYS[2]) < tonumber(ARGV[4]) then
  redis.call('PEXPIRE', KEYS[2], ARGV[4])
end
return false
