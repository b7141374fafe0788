-- Appends a record to the invalidation log of one cache and publishes it. A log that is gone, or older than what the caller knows, begins a new epoch.
-- KEYS[1] head: hash of epoch, seq, link, floor, clear, bytes (of records), tagbytes
-- KEYS[2] records: list, the last ones, oldest first
-- KEYS[3] tags: sorted set, tag by the sequence of its last removal
-- ARGV[1] highest epoch that the caller knows
-- ARGV[2] link of the new record, a random number
-- ARGV[3] keys and tags, as bytes
-- ARGV[4] channel
-- ARGV[5] most records to keep
-- ARGV[6] most bytes of records to keep, and as many of tags
-- ARGV[7] most tags to keep
-- ARGV[8] 1 if the record clears the cache
-- ARGV[9] tags: this argument and all that follow
-- Returns { epoch, sequence, link }
local head = redis.call('HMGET', KEYS[1], 'epoch', 'seq', 'link', 'bytes')
local epoch, seq, link, bytes = head[1], tonumber(head[2]), head[3], tonumber(head[4])
if not epoch or not seq or not bytes or tonumber(epoch) < tonumber(ARGV[1]) then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  epoch = string.format('%.0f', math.max(now, tonumber(ARGV[1]) + 1, (tonumber(head[1]) or 0) + 1))
  seq, link, bytes = seq or 0, '0', 0
  redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
  redis.call('HSET', KEYS[1], 'epoch', epoch, 'floor', seq, 'clear', 0)
end
seq = seq + 1
local number = string.format('%.0f', seq)
local record = table.concat({ epoch, number, link, ARGV[2] }, ' ') .. '\n' .. ARGV[3]
redis.call('RPUSH', KEYS[2], record)
bytes = bytes + #record
local length = redis.call('LLEN', KEYS[2])
while length > 1 and (length > tonumber(ARGV[5]) or bytes > tonumber(ARGV[6])) do
  bytes = bytes - #redis.call('LPOP', KEYS[2])
  length = length - 1
end
redis.call('HSET', KEYS[1], 'seq', number, 'link', ARGV[2], 'bytes', bytes)
if ARGV[8] == '1' then
  redis.call('HSET', KEYS[1], 'clear', number)
end
if #ARGV >= 9 then
  local tagbytes = tonumber(redis.call('HGET', KEYS[1], 'tagbytes') or 0)
  for i = 9, #ARGV do
    if redis.call('ZADD', KEYS[3], number, ARGV[i]) == 1 then
      tagbytes = tagbytes + #ARGV[i]
    end
  end
  local count = redis.call('ZCARD', KEYS[3])
  while count > 1 and (count > tonumber(ARGV[7]) or tagbytes > tonumber(ARGV[6])) do
    local oldest = redis.call('ZRANGE', KEYS[3], 0, 0, 'WITHSCORES')
    redis.call('ZREM', KEYS[3], oldest[1])
    redis.call('HSET', KEYS[1], 'floor', oldest[2])
    count, tagbytes = count - 1, tagbytes - #oldest[1]
  end
  redis.call('HSET', KEYS[1], 'tagbytes', tagbytes)
end
redis.call('PUBLISH', ARGV[4], record)
return { epoch, number, ARGV[2] }
