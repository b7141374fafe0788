-- Reads a part of an audit log.
-- KEYS[1] log: see AppendAudit.lua
-- ARGV[1] the number of the record before the first
-- ARGV[2] how many at most
-- Returns for each: time in ms, text
local records = {}
for _, record in ipairs(redis.call('LRANGE', KEYS[1], ARGV[1], ARGV[1] + ARGV[2] - 1)) do
  local at, text = string.match(record, '^(%d+):(.*)$')
  records[#records + 1] = tonumber(at)
  records[#records + 1] = text
end
return records
