-- One step of one node of an admission queue: everything that the node asks for, decided together and at once.
--
-- The rules are those of the queue in one process: a room serves in order of arrival, rooms with a free seat take turns, a full room is stepped over.
-- A node holds its seats under an epoch, which lasts as long as it calls; who finds an epoch over frees its seats. A step carries a number: one that is
-- repeated gets the answer that it got, one that leaves a gap tells that the server has lost writes. Time is the server's, in milliseconds.
--
-- KEYS[1]: the sums. KEYS[2]: nodes, by the end of their lease. KEYS[3]: rooms. KEYS[4]: seats of each node in each room. KEYS[5]: who waits, as
--   <room> <class> <number> <node>, so that lexical order is the order of each room. KEYS[6]: rooms in use with a free seat that are waited for, by turn.
--   KEYS[7]: empty rooms that are waited for, by turn. KEYS[8]: grants that a node was not told yet. KEYS[9]: epoch and last answer of each node.
--   KEYS[10]: nodes whose lease ran out, by time
-- ARGV[1]: the node, 16 characters. ARGV[2]: 'join', 'act', 'leave', 'look'. ARGV[3]: its epoch, 0 for none. ARGV[4]: number of the step.
--   ARGV[5]: lease time. ARGV[6]: channels, each the node behind it
-- ARGV[7]: <I4 rooms> <c16 room> of each; then actions, each with <I4 room>, from 0: <B 1> enter <B class> <B may wait> <I4 seats> <I8 number or 0>;
--   <B 2> leave <B class> <I8 number>; <B 3> give back; <B 4> hold <I4 seats> <I4 number of seats>; <B 6> where <B class> <I8 number>;
--   <B 7> own seats <I4 seats or 0>; without a room, <B 5> caps: <I4> a room, active rooms, total, waiting, waiting for a room, burst
-- returns: <B 1 done, 2 lease over, 3 unknown> <I8 epoch> <I4 seats> <I4 active rooms> <I4 waiting> <I4 nodes> <I4 rooms of all nodes> <I4 answers>; an answer to each enter and
--   where: <B 1 granted, 2 waiting, 3 refused> <B cap> <I4 place> <I8 fence, number or refusal>; then <I4 grants>, each <>I8 number> <>I8 fence>
local call, pack, read, sub, floor, max = redis.call, struct.pack, struct.unpack, string.sub, math.floor, math.max
local HEAD, NODES, ROOMS, HELD, LINE, READY, PARKED, MAIL, REPLIES, OVER = unpack(KEYS)
local node, kind, claimed, sequence, lease, request = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[7]
local clock = call('TIME')
local now = clock[1] * 1000 + floor(clock[2] / 1000)
local WEEK = 604800000

-- As long as no node has said any caps nobody is admitted.
local head = call('GET', HEAD)
local SUMS = '<I8I8I8I8I4I4I4I4I8I8I8I8I8I4I4I4I4I4I4'
local epochs, numbers, fences, turns, seats, active, waiting, nodes, ends, last, sweepFrom, grantFrom, touched = 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0
local roomCap, activeCap, totalCap, lineCap, roomLineCap, burst = 0, 0, 0, 0, 0, 1
if head then
  epochs, numbers, fences, turns, seats, active, waiting, nodes, ends, last, sweepFrom, grantFrom, touched,
    roomCap, activeCap, totalCap, lineCap, roomLineCap, burst = read(SUMS, head)
end

local rooms, counts, held, grants, answers = {}, {}, {}, {}, {}

local function known(id, value, field)
  local r = { id = id, value = value, field = field, seats = 0, waiting = 0, capacity = 0, passes = 0, line = 0, mixed = 0 }
  if value then r.seats, r.waiting, r.capacity, r.passes, r.line, r.mixed = read('<I4I4I4HBB', value) end
  rooms[id] = r
  return r
end

local function room(id)
  return rooms[id] or known(id, call('HGET', ROOMS, id))
end

-- All rooms of the request by two calls a thousand.
local function fetch(ids)
  for from = 1, #ids, 1000 do
    local to = math.min(from + 999, #ids)
    local fields = {}
    for i = from, to do fields[#fields + 1] = node .. ids[i] end
    local values, seated = call('HMGET', ROOMS, unpack(ids, from, to)), call('HMGET', HELD, unpack(fields))
    for i = 1, #fields do
      local r = rooms[ids[from + i - 1]]
      if r then r.field = fields[i] else known(ids[from + i - 1], values[i], fields[i]) end
      counts[fields[i]] = tonumber(seated[i] or 0)
    end
  end
end

local function write(key, set, gone)
  for from = 1, #set, 1000 do call('HSET', key, unpack(set, from, math.min(from + 999, #set))) end
  for from = 1, #gone, 1000 do call('HDEL', key, unpack(gone, from, math.min(from + 999, #gone))) end
end

local function capacity(r)
  return r.capacity > 0 and r.capacity or roomCap
end

-- As Seating.Place: 1 is ready, 2 is parked, 0 is full or not waited for.
local function place(r)
  local line = 0
  if r.waiting > 0 and r.seats < capacity(r) then line = (r.seats > 0 or r.line == 1) and 1 or 2 end
  if line == r.line then return end
  if r.line > 0 then call('ZREM', r.line == 1 and READY or PARKED, r.id) end
  if line > 0 then
    turns = turns + 1
    call('ZADD', line == 1 and READY or PARKED, turns, r.id)
  end
  r.line = line
end

local function hold(field, by)
  local count = held[field] or counts[field] or tonumber(call('HGET', HELD, field) or 0)
  held[field] = max(0, count + by)
  return count
end

local function sit(field, r)
  if r.seats == 0 then active = active + 1 end
  hold(field, 1)
  seats, r.seats, fences = seats + 1, r.seats + 1, fences + 1
  if r.line > 0 then
    call('ZREM', r.line == 1 and READY or PARKED, r.id)
    r.line = 0
  end
  if r.waiting > 0 then place(r) end
  return fences
end

local function stand(r, count)
  if count == 0 then return end
  seats, r.seats = seats - count, r.seats - count
  if r.seats == 0 then active = active - 1 end
  place(r)
end

-- 0 none, 1 room, 2 active rooms, 3 total; the total also while nothing is granted because nodes have yet to say what they hold.
local function binding(r)
  if r.seats >= capacity(r) then return 1 end
  if r.seats == 0 and active >= activeCap then return 2 end
  return (seats >= totalCap or now < grantFrom) and 3 or 0
end

local function first(r, from, to)
  return call('ZRANGEBYLEX', LINE, '[' .. r.id .. from, '(' .. r.id .. to, 'LIMIT', 0, 1)[1]
end

local function older(one, other)
  if not one or not other then return one or other end
  return read('>I8', one, 18) < read('>I8', other, 18) and one or other
end

-- As RoomQueue.Next: the higher class first, but after a burst the oldest of the lower ones. Classes are '0' high, '1' normal, '2' low.
local function nextOf(r)
  local ahead = first(r, '0', '3')
  if not ahead or r.mixed == 0 or r.passes < burst then return ahead end
  if sub(ahead, 17, 17) == '0' then return older(first(r, '1', '2'), first(r, '2', '3')) or ahead end
  return first(r, '2', '3') or ahead
end

local function served(r, class)
  if r.waiting == 0 then r.mixed = 0 end
  local passes = r.mixed == 1 and not first(r, '0', class) and first(r, string.char(class:byte() + 1), '3')
  r.passes = passes and r.passes + 1 or 0
end

local function drop(r, member)
  if call('ZREM', LINE, member) == 0 then return end
  r.waiting, waiting = r.waiting - 1, waiting - 1
end

local function grant(r)
  local member = nextOf(r)
  if not member then
    r.waiting = 0
    return place(r)
  end
  drop(r, member)
  served(r, sub(member, 17, 17))
  local owner = sub(member, 26)
  local told = grants[owner] or {}
  grants[owner] = told
  told[#told + 1] = sub(member, 18, 25) .. pack('>I8', sit(owner .. r.id, r))
end

-- As Seating.SeatNext: the room with the smaller turn among the first ready one and, while there is a slot, the first parked one.
local function seatWaiting()
  if now < grantFrom then return end
  while waiting > 0 and seats < totalCap do
    local ready = call('ZRANGE', READY, 0, 0, 'WITHSCORES')
    local pick = ready[1] and room(ready[1])
    if pick and pick.seats == 0 and active >= activeCap then
      call('ZREM', READY, pick.id)
      turns = turns + 1
      call('ZADD', PARKED, turns, pick.id)
      pick.line = 2
    else
      if active < activeCap then
        local parked = call('ZRANGE', PARKED, 0, 0, 'WITHSCORES')
        if parked[1] and (not pick or tonumber(parked[2]) < tonumber(ready[2])) then pick = room(parked[1]) end
      end
      if not pick then return end
      grant(pick)
    end
  end
end

local function keepHeld()
  local set, gone = {}, {}
  for field, count in pairs(held) do
    if count == counts[field] then
    elseif count == 0 then gone[#gone + 1] = field
    else set[#set + 1], set[#set + 2] = field, count end
    counts[field] = count
  end
  write(HELD, set, gone)
end

-- Everything that a node has and wants, also what it was given in this very step.
local function forget(owner)
  keepHeld()
  grants[owner] = nil
  local all = call('HGETALL', HELD)
  for i = 1, #all, 2 do
    if sub(all[i], 1, 16) == owner then
      held[all[i]] = 0
      stand(room(sub(all[i], 17)), tonumber(all[i + 1]))
    end
  end
  if waiting > 0 then
    for _, member in ipairs(call('ZRANGE', LINE, 0, -1)) do
      if sub(member, 26) == owner then
        local r = room(sub(member, 1, 16))
        drop(r, member)
        place(r)
      end
    end
  end
  call('HDEL', MAIL, owner)
  call('HDEL', REPLIES, owner)
  nodes = nodes - call('ZREM', NODES, owner)
end

local function resize(a, b, c, d, e, f)
  if a == roomCap and b == activeCap and c == totalCap and d == lineCap and e == roomLineCap and f == burst then return end
  roomCap, activeCap, totalCap, lineCap, roomLineCap, burst = a, b, c, d, e, f
  if waiting == 0 then return end
  local ids = call('HKEYS', ROOMS)
  for _, id in ipairs(ids) do place(room(id)) end
  for _, r in pairs(rooms) do place(r) end
end

local function enter(r, class, mayWait, own, number)
  if r.seats == 0 and r.waiting == 0 then r.capacity = own end
  local cap = binding(r)
  if cap == 0 then return pack('<BBI4I8', 1, 0, 0, sit(r.field, r)) end
  local ahead = r.waiting > 0 and call('ZLEXCOUNT', LINE, '[' .. r.id, '(' .. r.id .. string.char(class:byte() + 1)) or 0
  local refusal = mayWait == 0 and 1 or number > 0 and 0 or waiting >= lineCap and 2 or r.waiting >= roomLineCap and 3 or 0
  if refusal > 0 then return pack('<BBI4I8', 3, cap, ahead + 1, refusal) end
  if number == 0 then number = numbers + 1 end
  numbers = math.max(numbers, number)
  local member = r.id .. class .. pack('>I8', number) .. node
  if call('ZADD', LINE, 0, member) == 1 then
    r.waiting, waiting = r.waiting + 1, waiting + 1
    if class ~= '1' then r.mixed = 1 end
    place(r)
  end
  return pack('<BBI4I8', 2, cap, call('ZLEXCOUNT', LINE, '[' .. r.id, '[' .. member), number)
end

local function act()
  local ids, count, at = {}, read('<I4', request)
  for i = 1, count do ids[i], at = read('c16', request, at) end
  fetch(ids)
  local what, index, class, flag, one, two
  while at <= #request do
    what, index, at = read('<BI4', request, at)
    if what == 5 then
      -- No room: what stands there is the first of the caps.
      local b, c, d, e, f
      b, c, d, e, f, at = read('<I4I4I4I4I4', request, at)
      resize(index, b, c, d, e, f)
      seatWaiting()
    else
      local r = rooms[ids[index + 1]]
      if what == 1 then
        class, flag, one, two, at = read('<BBI4I8', request, at)
        answers[#answers + 1] = enter(r, string.char(class), flag, one, two)
      elseif what == 3 then
        if hold(r.field, -1) > 0 then
          stand(r, 1)
          if waiting > 0 then seatWaiting() end
        end
      elseif what == 4 then
        one, two, at = read('<I4I4', request, at)
        if r.seats == 0 and one > 0 then active = active + 1 end
        hold(r.field, one)
        seats, r.seats, r.capacity = seats + one, r.seats + one, two
        place(r)
      elseif what == 7 then
        r.capacity, at = read('<I4', request, at)
        place(r)
        seatWaiting()
      else
        class, two, at = read('<BI8', request, at)
        local member = r.id .. string.char(class) .. pack('>I8', two) .. node
        if what == 2 then
          drop(r, member)
          if r.waiting == 0 then r.mixed, r.passes = 0, 0 end
          place(r)
        else
          local there = call('ZSCORE', LINE, member)
          local rank = there and call('ZLEXCOUNT', LINE, '[' .. r.id, '[' .. member) or 0
          answers[#answers + 1] = pack('<BBI4I8', 2, binding(r), rank, two)
        end
      end
    end
  end
end

local function answer(status, epoch, told)
  -- A room in which several nodes have people counts for each of them: what the last field holds.
  keepHeld()
  return pack('<BI8I4I4I4I4I4I4', status, epoch, seats, active, waiting, nodes, call('HLEN', HELD), #answers) .. table.concat(answers) .. told
end

local function keep()
  local set, gone = {}, {}
  for id, r in pairs(rooms) do
    if r.seats == 0 and r.waiting == 0 then
      if r.value then gone[#gone + 1] = id end
    else
      local value = pack('<I4I4I4HBB', r.seats, r.waiting, r.capacity, r.passes, r.line, r.mixed)
      if value ~= r.value then set[#set + 1], set[#set + 2] = id, value end
    end
  end
  write(ROOMS, set, gone)
  keepHeld()
  for owner, told in pairs(grants) do
    call('HSET', MAIL, owner, (call('HGET', MAIL, owner) or '') .. table.concat(told))
    call('PUBLISH', ARGV[6] .. owner, '!')
  end
  if now > touched then
    for _, key in ipairs(KEYS) do call('PEXPIRE', key, WEEK) end
    touched = now + 3600000
  end
  call('SET', HEAD, pack(SUMS, epochs, numbers, fences, turns, seats, active, waiting, nodes, ends, now, sweepFrom, grantFrom, touched,
    roomCap, activeCap, totalCap, lineCap, roomLineCap, burst), 'PX', WEEK)
end

if kind == 'look' then return answer(head and 1 or 3, 0, pack('<I4', 0)) end

-- What nodes hold that lived before there was this head is not known: they have a lease time to say so. And where nobody at all has called for long, it
-- was the server that was away, not the nodes: nobody's lease runs out before they could call again.
-- The rest without the sums, as after an eviction, is worth nothing: but who was over stays so.
if not head then
  grantFrom, sweepFrom = now + lease, now + lease
  call('DEL', unpack(KEYS, 2, 9))
end
if head and now - last > lease / 2 then sweepFrom = math.max(sweepFrom, now + lease) end
if now >= sweepFrom and now > ends then
  for _, dead in ipairs(call('ZRANGEBYSCORE', NODES, '-inf', '(' .. now, 'LIMIT', 0, 16)) do
    forget(dead)
    call('ZADD', OVER, now, dead)
    call('ZREMRANGEBYRANK', OVER, 0, -1001)
  end
  ends = tonumber(call('ZRANGE', NODES, 0, 0, 'WITHSCORES')[2] or now)
end
seatWaiting()

local reply = call('HGET', REPLIES, node)
local epoch, before = 0, 0
if reply then epoch, before = read('<I8I8', reply) end
local status = 1
if not reply and call('ZSCORE', OVER, node) then
  status = 2
elseif kind == 'act' and (epoch ~= claimed or (before ~= sequence and before ~= sequence - 1)) then
  -- A step of the past that arrives late is no loss.
  status = 3
  if claimed > epoch or sequence > before + 1 then grantFrom = math.max(grantFrom, now + lease) end
elseif kind == 'join' then
  if not reply and claimed > 0 then grantFrom = math.max(grantFrom, now + lease) end
  forget(node)
  epochs = math.max(epochs, claimed) + 1
  epoch, reply = epochs, nil
  touched = 0
end

if status > 1 then
  keep()
  return answer(status, epoch, pack('<I4', 0))
end
if kind == 'leave' then
  if epoch == claimed then forget(node) end
  seatWaiting()
  keep()
  return answer(1, epoch, pack('<I4', 0))
end

nodes = nodes + call('ZADD', NODES, now + lease, node)
ends = math.min(ends, now + lease)
if reply and kind == 'act' and before == sequence then
  keep()
  return sub(reply, 17)
end
act()
seatWaiting()
local mail = (call('HGET', MAIL, node) or '') .. table.concat(grants[node] or {})
grants[node] = nil
if #mail > 0 then call('HDEL', MAIL, node) end
local result = answer(1, epoch, pack('<I4', #mail / 16) .. mail)
call('HSET', REPLIES, node, pack('<I8I8', epoch, sequence) .. result)
keep()
return result
