-- Counts how often it ran.
-- KEYS[1]: the count
-- ARGV: none
-- returns: the count
return redis.call('INCR', KEYS[1])
