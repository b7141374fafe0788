-- Replaces a document of a journal by compare and set.
-- KEYS[1] document: a hash of r (revision) and t (text)
-- ARGV[1] expected revision, 0 for none
-- ARGV[2] text
-- Returns 1 if it was replaced, else 0
if (redis.call('HGET', KEYS[1], 'r') or '0') ~= ARGV[1] then
  return 0
end
redis.call('HSET', KEYS[1], 't', ARGV[2])
redis.call('HINCRBY', KEYS[1], 'r', 1)
return 1
