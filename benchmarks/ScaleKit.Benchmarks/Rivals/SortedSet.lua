-- The classical sliding window: a sorted set with a member for each permit, by the caller's clock.
-- KEYS[1]: the window
-- ARGV: now, length of the window (both in milliseconds), limit, a member that no other call uses
-- returns: 1 when the permit was taken, 0 when not
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[1] - ARGV[2])
if redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[3]) then return 0 end
redis.call('ZADD', KEYS[1], ARGV[1], ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
