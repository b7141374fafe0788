-- Tells the length of a value: the least that a script with one key can do.
-- KEYS: the key
-- ARGV: a number to add
-- returns: the length and the number
return redis.call('STRLEN', KEYS[1]) + ARGV[1]
