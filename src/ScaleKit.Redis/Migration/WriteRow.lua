-- A sequenced write: checks the fence and the expected version, issues the version, and records the debt, all at once.
-- Versions are exact up to 2^53.
-- KEYS[1] rows: a hash, key to "epoch:counter:deleted:value"
-- KEYS[2] order: a sorted set of all keys, score 0
-- KEYS[3] outbox: a sorted set of "sequence:epoch:counter:key", score the sequence
-- KEYS[4] meta: a hash with the fence (f) and the last sequence (s)
-- ARGV[1] key
-- ARGV[2] value
-- ARGV[3] epoch
-- ARGV[4] 1 to delete, else 0
-- ARGV[5] 1 to record the debt in the outbox, else 0
-- ARGV[6] expected epoch; empty for any version, 0 for no live value
-- ARGV[7] expected counter
-- ARGV[8] a counter that the new one must exceed; empty for none
-- Returns status (0 written, 1 conflict, 2 not found, 3 fenced), epoch and counter of the row, sequence in the outbox
local row = redis.call('HGET', KEYS[1], ARGV[1])
local e, c, live = 0, 0, false
if row then
  local re, rc, rd = string.match(row, '^(%d+):(%d+):([01]):')
  e, c, live = tonumber(re), tonumber(rc), rd == '0'
end
local epoch = tonumber(ARGV[3])
if epoch < tonumber(redis.call('HGET', KEYS[4], 'f') or '0') or epoch < e then
  return {3, e, c, 0}
end
if ARGV[6] == '0' then
  if live then
    return {1, e, c, 0}
  end
elseif ARGV[6] ~= '' and (tonumber(ARGV[6]) ~= e or tonumber(ARGV[7]) ~= c) then
  return {1, e, c, 0}
end
if ARGV[4] == '1' and not live and ARGV[8] == '' then
  return {2, e, c, 0}
end
local counter = math.max(c, tonumber(ARGV[8]) or 0) + 1
local version = string.format('%.0f:%.0f:', epoch, counter)
redis.call('HSET', KEYS[1], ARGV[1], version .. ARGV[4] .. ':' .. ARGV[2])
if not row then
  redis.call('ZADD', KEYS[2], 0, ARGV[1])
end
local sequence = 0
if ARGV[5] == '1' then
  sequence = redis.call('HINCRBY', KEYS[4], 's', 1)
  redis.call('ZADD', KEYS[3], sequence, string.format('%.0f:', sequence) .. version .. ARGV[1])
end
return {0, epoch, counter, sequence}
