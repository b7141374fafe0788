-- Fails, for a test.
-- KEYS: none
-- ARGV: none
-- returns: nothing
return redis.call('INCR')
