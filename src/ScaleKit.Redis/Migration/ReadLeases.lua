-- Lists the leases of a fleet, ended ones included.
-- KEYS[1] leases: see TakeLease.lua
-- ARGV none
-- Returns for each: number, acknowledged revision, 1 if it has ended else 0, holder
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local leases = {}
for i = 1, #all, 2 do
  if all[i] ~= 'n' then
    local ends, acknowledged, holder = string.match(all[i + 1], '^(%d+):(%d+):(.*)$')
    leases[#leases + 1] = tonumber(all[i])
    leases[#leases + 1] = tonumber(acknowledged)
    leases[#leases + 1] = tonumber(ends) <= now and 1 or 0
    leases[#leases + 1] = holder
  end
end
return leases
