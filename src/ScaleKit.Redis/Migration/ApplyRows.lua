-- Stores rows that another store sequenced, each if its version is newer than what is here.
-- KEYS[1] rows: see WriteRow.lua
-- KEYS[2] order: see WriteRow.lua
-- ARGV[1] and on, five a row: key, epoch, counter, 1 for a tombstone else 0, value
-- Returns how many were newer
local newer = 0
for i = 1, #ARGV, 5 do
  local row = redis.call('HGET', KEYS[1], ARGV[i])
  local apply = true
  if row then
    local e, c = string.match(row, '^(%d+):(%d+):')
    local epoch = tonumber(ARGV[i + 1])
    apply = epoch > tonumber(e) or (epoch == tonumber(e) and tonumber(ARGV[i + 2]) > tonumber(c))
  end
  if apply then
    redis.call('HSET', KEYS[1], ARGV[i], table.concat({ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]}, ':'))
    if not row then
      redis.call('ZADD', KEYS[2], 0, ARGV[i])
    end
    newer = newer + 1
  end
end
return newer
