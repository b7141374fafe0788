-- Reads a document of a journal.
-- KEYS[1] document: see WriteDocument.lua
-- ARGV none
-- Returns revision and text, both null when there is none
return redis.call('HMGET', KEYS[1], 'r', 't')
