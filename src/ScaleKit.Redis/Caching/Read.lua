-- Reads the invalidation log of one cache after a place, and confirms the place when there is nothing after it. When the place contradicts the log, the log has
-- lost records that somebody knows of (it is gone, or a replica took over that lagged behind): it begins a new epoch, in which no older value is valid.
-- KEYS[1] head: see Append.lua
-- KEYS[2] records: list, the last ones, oldest first
-- KEYS[3] tags: sorted set, tag by the sequence of its last removal
-- ARGV[1] epoch of the place, 0 if the caller knows none
-- ARGV[2] its sequence
-- ARGV[3] its link
-- ARGV[4] channel
-- ARGV[5] most records to return where the place is not in the log
-- ARGV[6] most tags to return
-- Returns { 1 if continuous or 0, epoch, sequence, link, floor, clear, records, tags: name and sequence in turns }
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'link', 'floor', 'clear', 'bytes')
local epoch, seq, link, floor, clear = head[1], tonumber(head[2]), head[3], tonumber(head[4]), head[5]
local known, after = tonumber(ARGV[1]), tonumber(ARGV[2])
local isWhole = epoch and seq and link and floor and clear and head[6]
local age = isWhole and tonumber(epoch) or 0
local behind = seq and seq - after or 0
if isWhole and age == known and behind >= 0 then
  if behind == 0 and link == ARGV[3] then
    return { 1, epoch, head[2], link, 0, '0', {}, {} }
  end
  if behind > 0 and behind <= redis.call('LLEN', KEYS[2]) then
    local records = redis.call('LRANGE', KEYS[2], -behind, -1)
    local previous = string.match(records[1], '^%d+ %d+ (%d+) ')
    if previous == ARGV[3] then
      return { 1, epoch, head[2], link, 0, '0', records, {} }
    end
    isWhole = false
  elseif behind == 0 then
    isWhole = false
  end
elseif isWhole and age <= known then
  isWhole = false
end
if not isWhole then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  epoch = string.format('%.0f', math.max(now, known + 1, (tonumber(epoch) or 0) + 1))
  seq = string.format('%.0f', math.max(seq or 0, after))
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'seq', seq, 'link', '0', 'floor', seq, 'clear', 0, 'bytes', 0)
  redis.call('PUBLISH', ARGV[4], epoch .. ' ' .. seq .. ' 0 0\n')
  return { 0, epoch, seq, '0', tonumber(seq), '0', {}, {} }
end
local most = tonumber(ARGV[6])
local tags = redis.call('ZREVRANGE', KEYS[3], 0, most - 1, 'WITHSCORES')
local dropped = redis.call('ZREVRANGE', KEYS[3], most, most, 'WITHSCORES')
if dropped[2] then
  floor = math.max(floor, tonumber(dropped[2]))
end
return { 0, epoch, head[2], link, floor, clear, redis.call('LRANGE', KEYS[2], -tonumber(ARGV[5]), -1), tags }
