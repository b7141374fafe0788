-- Removes entries of the outbox; unknown ones are ignored.
-- KEYS[1] outbox: see WriteRow.lua
-- ARGV[1] and on: sequences
-- Returns how many there were
local removed = 0
for i = 1, #ARGV do
  removed = removed + redis.call('ZREMRANGEBYSCORE', KEYS[1], ARGV[i], ARGV[i])
end
return removed
