-- Reads rows.
-- KEYS[1] rows: see WriteRow.lua
-- ARGV[1] and on: keys
-- Returns a row for each, nil where there is none
local rows = {}
for i = 1, #ARGV do
  rows[i] = redis.call('HGET', KEYS[1], ARGV[i])
end
return rows
