-- Gives back what came, for a test.
-- KEYS: two names of the same key
-- ARGV: a number, a text, bytes
-- returns: { value of the key, number, text, bytes, nil }
return { redis.call('GET', KEYS[2]), tonumber(ARGV[1]), ARGV[2], ARGV[3], false }
