-- Tells that the server runs scripts, and what its clock says.
-- KEYS: none
-- ARGV: none
-- returns: { seconds, microseconds } since 1970-01-01 UTC
local time = redis.call('TIME')
return { tonumber(time[1]), tonumber(time[2]) }
