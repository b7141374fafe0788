-- Reads a page of rows in key order.
-- KEYS[1] rows: see WriteRow.lua
-- KEYS[2] order: see WriteRow.lua
-- ARGV[1] lower bound, as ZRANGEBYLEX has it
-- ARGV[2] upper bound
-- ARGV[3] 1 for the highest key first, else 0
-- ARGV[4] how many rows at most
-- ARGV[5] 1 to list tombstones too, else 0
-- Returns key and row, one after the other
local found, offset, limit = {}, 0, tonumber(ARGV[4])
while #found < 2 * limit do
  local keys
  if ARGV[3] == '1' then
    keys = redis.call('ZREVRANGEBYLEX', KEYS[2], ARGV[2], ARGV[1], 'LIMIT', offset, limit)
  else
    keys = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[1], ARGV[2], 'LIMIT', offset, limit)
  end
  if #keys == 0 then
    break
  end
  for _, key in ipairs(keys) do
    local row = redis.call('HGET', KEYS[1], key)
    if #found < 2 * limit and (ARGV[5] == '1' or string.find(row, '^%d+:%d+:0:')) then
      found[#found + 1] = key
      found[#found + 1] = row
    end
  end
  offset = offset + #keys
end
return found
