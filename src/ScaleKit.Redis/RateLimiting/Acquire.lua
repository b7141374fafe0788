-- Takes permits out of sliding windows, gives some back, or refuses. A refusal writes nothing.
--
-- A permit counts whole until one window after the end of its bucket, so no window of time ever holds more than the limit. Small limits
-- have no buckets: the time of each permit is kept and each returns exactly on time. Time is the server's, in microseconds.
--
-- KEYS: the windows; one may come twice
-- ARGV[1]: 'each' decides every run of callers by itself; 'all' takes the permits of all runs or of none
-- ARGV[2]: for each key <d window> <d width> <I4 limit> <I2 runs>, for each run <B kind> <I4 permits> <I4 callers>.
--   width: of a bucket, exact as a float, at least 4; 0: no buckets; negative: counts of 4 bytes (limits over 32,767)
--   kind 0 takes (0 permits: only tells whether one is free); 1 takes also beyond the limit, up to twice the limit; 2 gives back, oldest first;
--   3 gives back what was taken in the bucket whose number ends with these 32 bits, which stand in place of the callers
-- returns: for each key <I4 used before> <I6 time until unused> <I6 bucket that took>, for each run <I4 callers served, or permits moved> <I6 time to wait>
--
-- Stored: <f width> <I6 newest bucket> <H used> and the counts of the older buckets, oldest first; the newest one holds the rest.
-- Without buckets: <f 0> and <I7 time> of each permit, oldest first.
local call, pack, read, sub, rep, floor, max = redis.call, struct.pack, struct.unpack, string.sub, string.rep, math.floor, math.max
local clock = call('TIME')
local now = clock[1] * 1000000 + clock[2]
local asked, at, refused = ARGV[2], 1, false
local atomic = ARGV[1] == 'all'
local held, lives, answer = atomic and {}, atomic and {}, {}

-- What is rare: made when it is first needed, for making functions costs every call.
local rare
local function seldom()
  if rare then return rare end
  rare = {}

  -- Any stored form as lists of ends and counts: for what is rare.
  local function unfold(value)
    local ends, counts = {}, {}
    local width = value == '' and 0 or read('<f', value)
    if width == 0 then
      for i = 5, #value, 7 do
        ends[#ends + 1], counts[#counts + 1] = read('<I7', value, i), 1
      end
    else
      local item, size = width < 0 and '<I4' or '<H', width < 0 and 4 or 2
      local newest, rest = read('<I6' .. sub(item, 2), value, 5)
      local older = (#value - 10 - size) / size
      for i = 0, older do
        local count = i < older and read(item, value, 11 + size + i * size) or rest
        rest = rest - count
        ends[i + 1], counts[i + 1] = (newest - older + i + 1) * math.abs(width) - 1, count
      end
    end
    return ends, counts
  end

  -- The form for this width, and the sum that it need not have room for: nothing over the limit is ever stored.
  local function fold(ends, counts, width)
    local used, parts, bucket, own = 0, {}, nil, 0
    local item, span = width < 0 and '<I4' or '<H', math.abs(width)
    for i = 1, #ends do
      used = used + counts[i]
      if width == 0 then
        parts[i] = rep(pack('<I7', ends[i]), counts[i])
      elseif counts[i] > 0 then
        local to = floor(ends[i] / span)
        for _ = bucket or to, to - 1 do
          parts[#parts + 1], own = pack(item, math.min(own, 65535)), 0
        end
        bucket, own = to, own + counts[i]
      end
    end
    if used == 0 then return '', 0 end
    if width == 0 then return pack('<f', 0) .. table.concat(parts), used end
    return pack('<fI6' .. sub(item, 2), width, bucket, used) .. table.concat(parts), used
  end

  -- Another shape than the stored one, or a server's clock that went back by more than a window. Every permit was taken by now: none
  -- needs to count longer than from now on, also where an old bucket ends later or the clock jumped.
  function rare.reshape(value, width, window)
    local ends, counts = unfold(value)
    local back = #ends > 0 and ends[#ends] - math.abs(read('<f', value)) > now + window and ends[#ends] - now or 0
    for i = 1, #ends do ends[i] = math.min(ends[i] - back, now) end
    return fold(ends, counts, width)
  end

  -- Oldest first: none of them was taken later than what is given back, so what still counts is never less than what was used.
  function rare.give(value, permits, width)
    local ends, counts = unfold(value)
    local left = permits
    for i = 1, #ends do
      local part = math.min(left, counts[i])
      counts[i], left = counts[i] - part, left - part
    end
    return permits - left, fold(ends, counts, width)
  end

  -- The very permits, where their bucket still counts.
  function rare.giveFrom(value, permits, width, bucket)
    local ends, counts = unfold(value)
    for i = 1, #ends do
      if width ~= 0 and floor(ends[i] / math.abs(width)) % 4294967296 == bucket then
        local part = math.min(permits, counts[i])
        counts[i] = counts[i] - part
        return part, fold(ends, counts, width)
      end
    end
    return 0, value
  end

  return rare
end

local function put(key, value, life)
  if atomic then
    held[key], lives[key] = value, life
  elseif value == '' then
    call('DEL', key)
  else
    call('SET', key, value, 'PX', life)
  end
end

for k = 1, #KEYS do
  local key = KEYS[k]
  local window, width, limit, runs, kind, permits, callers
  window, width, limit, runs, kind, permits, callers, at = read('<ddI4I2BI4I4', asked, at)
  local span, item, size, head = width, 'H', 2, '<fI6H'
  if width < 0 then span, item, size, head = -width, 'I4', 4, '<fI6I4' end
  local value = atomic and held[key] or call('GET', key) or ''
  local used, newest, older, drop, counts, reshaped = 0, 0, 0, 0, nil, false

  -- What counts now: used, of it in the value from behind the first [drop] items on; newest: last bucket, or last time; older: the items.
  if value ~= '' then
    if width == 0 then
      newest = read('<I7', value, #value - 6)
      if sub(value, 1, 4) ~= '\0\0\0\0' or newest > now + window then
        value, used = seldom().reshape(value, 0, window)
        reshaped = true
        newest = value ~= '' and read('<I7', value, #value - 6) or 0
      end
      used = (#value - 4) / 7
      while drop < used and read('<I7', value, 5 + 7 * drop) + window <= now do drop = drop + 1 end
      used = used - drop
    else
      local shape = 0
      if #value >= 10 + size then shape, newest, used = read(head, value) end
      if shape ~= width or newest * span > now + window then
        value, used = seldom().reshape(value, width, window)
        reshaped = true
        newest = value ~= '' and read('<I6', value, 5) or 0
      end
      local oldest = floor((now - window + 1) / span)
      if oldest > newest then
        used = 0
      else
        older = (#value - 10 - size) / size
        drop = max(0, oldest - newest + older)
        if older > 0 and (drop > 0 or newest * span + span <= now or used + permits * callers > limit) then
          counts = { read('<' .. rep(item, older), value, 11 + size) }
          for i = 1, drop do used = used - counts[i] end
        end
      end
    end
    if used == 0 then value, older, drop = '', 0, 0 end
  end

  local before, taken, moved, top = used, 0, false, width == 0 and now or floor(now / span)
  -- What is stored never runs back: a bucket or a time ahead of now takes the permits.
  if value ~= '' and newest > top then top = newest end
  local results, served, wait = '', 0, 0
  for run = 1, runs do
    if run > 1 then
      results = results .. pack('<I4I6', served, wait)
      kind, permits, callers, at = read('<BI4I4', asked, at)
    end
    served, wait = 0, 0
    if kind == 0 then
      local need = permits > 0 and permits or 1
      served = floor((limit - used) / need)
      if served < 0 then served = 0 elseif served > callers then served = callers end
      taken, used = taken + served * permits, used + served * permits
      if served < callers then
        refused = true
        local missing, stop = used + need - limit, top
        if missing <= before then
          if width == 0 then
            stop = read('<I7', value, 5 + 7 * (drop + missing - 1))
          else
            stop = newest
            if older > 0 and not counts then counts = { read('<' .. rep(item, older), value, 11 + size) } end
            for i = drop + 1, older do
              missing = missing - counts[i]
              if missing <= 0 then
                stop = newest - older + i - 1
                break
              end
            end
          end
        end
        wait = (width == 0 and stop or (stop + 1) * span - 1) + window - now
      end
    elseif kind == 1 then
      served = max(0, math.min(permits, 2 * limit - used))
      taken, used = taken + served, used + served
    else
      -- Alone in its call: nothing was taken before it.
      local given = math.min(permits, used)
      if kind == 2 then
        served, value = seldom().give(value, given, width)
      else
        served, value = seldom().giveFrom(value, given, width, callers)
      end
      used, moved = used - served, served > 0
      newest = value == '' and 0 or width == 0 and read('<I7', value, #value - 6) or read('<I6', value, 5)
    end
  end

  if taken == 0 then top = newest end
  local reset = used == 0 and 0 or (width == 0 and top or (top + 1) * span - 1) + window - now
  answer[k] = pack('<I4I6I6', before, reset, top) .. results .. pack('<I4I6', served, wait)
  if moved then
    put(key, value, floor(reset / 1000) + 2)
  elseif taken > 0 then
    if width == 0 then
      put(key, '\0\0\0\0' .. sub(value, 5 + 7 * drop) .. rep(pack('<I7', top), taken), floor(reset / 1000) + 2)
    elseif top == newest and drop == 0 and value ~= '' and not reshaped and not atomic then
      -- The bucket is the same, and so is the time to live. Redis turns numbers into text at some cost.
      call('SETRANGE', key, '10', pack('<' .. item, used))
    else
      local past = sub(value, 11 + size * (1 + drop))
      if value ~= '' and top > newest then
        local own = before
        for i = drop + 1, older do own = own - counts[i] end
        past = past .. pack('<' .. item, own) .. rep('\0', size * (top - newest - 1))
      end
      put(key, pack(head, width, top, used) .. past, floor(reset / 1000) + 2)
    end
  end
end

if atomic and not refused then
  atomic = false
  for k = 1, #KEYS do
    local key = KEYS[k]
    if held[key] then put(key, held[key], lives[key]) end
    held[key] = nil
  end
end
return table.concat(answer)
