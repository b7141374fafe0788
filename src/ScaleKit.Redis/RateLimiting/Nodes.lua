-- Tells that a node is alive, and how many are.
-- KEYS[1]: the nodes, each with the time at which it was last heard
-- ARGV[1]: the node
-- ARGV[2]: milliseconds after which a silent node is gone
-- returns: number of nodes
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return redis.call('ZCARD', KEYS[1])
