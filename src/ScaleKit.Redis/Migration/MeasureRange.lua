-- Counts the rows of a range, tombstones included, and finds where its first rows end.
-- KEYS[1] order: see WriteRow.lua
-- ARGV[1] lower bound, as ZRANGEBYLEX has it
-- ARGV[2] upper bound
-- ARGV[3] a number of rows; 0 only counts
-- Returns the count, and the last key of the first rows where the range holds more than these
local count = redis.call('ZLEXCOUNT', KEYS[1], ARGV[1], ARGV[2])
local rows = tonumber(ARGV[3])
if rows == 0 or count <= rows then
  return {count}
end
return {count, redis.call('ZRANGEBYLEX', KEYS[1], ARGV[1], ARGV[2], 'LIMIT', rows - 1, 1)[1]}
