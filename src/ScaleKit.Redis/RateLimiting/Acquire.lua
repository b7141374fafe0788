-- Takes permits out of sliding windows, gives some back, or refuses. A refusal writes nothing.
--
-- A permit counts whole until one window after the end of its bucket, so no window of time ever holds more than the limit. Small limits
-- have no buckets: the time of each permit is kept and each returns exactly on time. Time is the server's, in microseconds.
--
-- KEYS[1], KEYS[2] and on: the windows; one may come twice
-- ARGV[1]: for each group of neighbours under one policy <d window> <d width> <I4 limit> <I2 keys>, for each key <I2 runs>, for each run
--   <B kind> <I4 permits> <I4 callers>.
--   width: of a bucket, exact as a float, at least 4; 0: no buckets; negative: sums of 4 bytes (limits over 32,767)
--   kind 0 takes (0 permits: only tells whether one is free); 1 takes also beyond the limit, up to twice the limit; alone in its call:
--   2 gives back, oldest first; 3 gives back what was taken in the bucket whose number ends with these 32 bits, which stand in place of the callers
-- ARGV[2]: 'all' takes the permits of all runs or of none; left out, every run of callers is decided by itself
-- returns: for each key <I4 used before, or after giving back> <I6 time until unused> <I6 bucket that took>,
--   for each run <I4 callers served, or permits moved> <I6 time to wait>. Used 4,294,967,295: what is stored is not of this version; it is left as it is
--
-- Stored: <f width> <I4 newest bucket, its last 32 bits> <H sum> <H base> and a sum for each older bucket, oldest first. A sum is of all permits up
-- to the end of a bucket (the first one: up to now), the base what it was before the oldest, all of them modulo 65,536: no sum of counts is ever made.
-- Without buckets: <f 0> and <I7 time> of each permit, oldest first. Another version marks its values by a float that is no width: no whole number from 4 to 2^46.
local call, pack, read, floor = redis.call, struct.pack, struct.unpack, math.floor
local clock = call('TIME')
local now = clock[1] * 1000000 + clock[2]
local asked, found = ARGV[1], nil

-- The usual call by a shorter way: one run of one key, in the bucket of the call before, and permits for all. Nothing is decided here that is not below.
if #asked == 33 then
  local window, width, limit, kind, permits, callers = read('<ddI4xxxxBI4I4', asked)
  local span, item, size, head, modulus = width, '<H', 2, '<fI4HH', 65536
  if width < 0 then span, item, size, head, modulus = -width, '<I4', 4, '<fI4I4I4', 4294967296 end
  found = call('GET', KEYS[1])
  if found and kind == 0 and permits > 0 and width ~= 0 and #found >= 8 + 2 * size then
    local current, stored, newest, sum, base = floor(now / span), read(head, found)
    local oldest, used = current - (#found - 8) / size + 2, (sum - base) % modulus
    if stored == width and newest == current % 4294967296 and floor((now - window + 1) / span) <= oldest and used + callers * permits <= limit then
      call('SETRANGE', KEYS[1], '8', pack(item, (sum + callers * permits) % modulus))
      return pack('<I4I6I6I4I6', used, (current + 1) * span - 1 + window - now, current, callers, 0)
    end
  end
end

-- What is rare: gives permits back, and fits what is stored to another width, or to a server's clock that went back by more than a window.
-- Returns the value, its newest bucket or time, its sum, and what was given back; nothing where the value is not of this version. Takes no local from outside: that would cost every call.
local function rewrite(value, width, window, now, kind, permits, bucket)
  local pack, read, floor, min, abs = struct.pack, struct.unpack, math.floor, math.min, math.abs
  if #value < 11 then return end
  local ends, counts, stored = {}, {}, read('<f', value)
  local size, wide = stored == 0 and 7 or stored < 0 and 4 or 2, abs(stored)
  if wide ~= floor(wide) or wide > 70368744177664 or wide > 0 and wide < 4 then return end
  if #value % size ~= (wide == 0 and 4 or 0) or wide > 0 and #value < 8 + 2 * size then return end
  if stored == 0 then
    for i = 5, #value, 7 do
      ends[#ends + 1], counts[#counts + 1] = read('<I7', value, i), 1
    end
  else
    local item, modulus = '<H', 65536
    if stored < 0 then item, modulus, stored = '<I4', 4294967296, -stored end
    local top, older = floor(now / stored), (#value - 8) / size - 2
    local newest = top + (read('<I4', value, 5) - top + 2147483648) % 4294967296 - 2147483648
    local sum = read(item, value, 9 + size)
    for i = 0, older do
      local till = read(item, value, i < older and 9 + size * (2 + i) or 9)
      ends[i + 1], counts[i + 1], sum = (newest - older + i + 1) * stored - 1, (till - sum) % modulus, till
    end
    if size == 4 then stored = -stored end
  end

  local last, span, item = ends[#ends], abs(width), width < 0 and '<I4' or '<H'
  -- By the clock that was set back it was at least the beginning of the newest bucket: so much, and no more, all moves.
  local back = last - abs(stored) >= now + window and last - abs(stored) - now or 0
  local fits = stored == width and back == 0
  local sum, moved, parts, newest = 0, 0, {}, nil
  for i = 1, #ends do
    local till, count = ends[i], counts[i]
    -- Every permit was taken by now: none needs to count longer than from now on, also where an old bucket ends later or the clock jumped.
    if not fits then till = min(till - back, now) end
    if till + window > now then
      -- Oldest first: none of them was taken later than what is given back, so what still counts is never less than what was used.
      if kind == 2 or kind == 3 and fits and floor(till / span) % 4294967296 == bucket then
        local part = min(permits - moved, count)
        moved, count = moved + part, count - part
      end
      if width == 0 then
        parts[#parts + 1], newest = string.rep(pack('<I7', till), count), till
      elseif count > 0 then
        local to = floor(till / span)
        parts[#parts + 1], newest = string.rep(pack(item, min(sum, 65535)), to - (newest or to)), to
      end
      sum = sum + count
    end
  end

  if sum == 0 then return '', 0, 0, moved end
  if width == 0 then return '\0\0\0\0' .. table.concat(parts), newest, sum, moved end
  -- A sum that has no room is over the limit, and nothing over the limit is ever stored.
  if width > 0 and sum > 65535 then moved = 0 end
  return pack('<fI4' .. item .. item, width, newest % 4294967296, sum, 0) .. table.concat(parts), newest, sum, moved
end

local at, refused, answer = 1, false, {}
local values, written, lives
if KEYS[2] then values, written, lives = call('MGET', unpack(KEYS)), {}, ARGV[2] == 'all' and {} end
local last, window, width, limit, keys, span, item, size, head, modulus, current, edge = 0
for k = 1, #KEYS do
  local key, value, runs, kind, permits, callers = KEYS[k]
  if k > last then
    window, width, limit, keys, runs, kind, permits, callers, at = read('<ddI4I2I2BI4I4', asked, at)
    last, span, item, size, head, modulus = last + keys, width == 0 and 1 or width, '<H', 2, '<fI4HH', 65536
    if width < 0 then span, item, size, head, modulus = -width, '<I4', 4, '<fI4I4I4', 4294967296 end
    current, edge = floor(now / span), floor((now - window + 1) / span)
  else
    runs, kind, permits, callers, at = read('<I2BI4I4', asked, at)
  end
  if not written then
    value = found
    if value == nil then value = call('GET', key) end
  elseif written[key] == nil then
    value = values[k]
  else
    value = written[key] or call('GET', key)
  end
  local used, newest, sum, base, older, drop, moved, top, fits = 0, 0, 0, 0, 0, 0, 0, current, false

  -- What counts now: used, of it in the value from behind the first [drop] items on; newest: last bucket, or last time; older: the items.
  if value then
    local stored
    if width == 0 then
      if #value > 10 then stored, newest = read('<f', value), read('<I7', value, #value - 6) end
    elseif #value >= 8 + 2 * size then
      stored, newest, sum, base = read(head, value)
      newest = current + (newest - current + 2147483648) % 4294967296 - 2147483648
    end
    fits = stored == width and kind < 2 and (newest <= current or newest * span <= now + window)
    if not fits then
      base, value, newest, sum, moved = 0, rewrite(value, width, window, now, kind, permits, callers)
      if not value then value, newest, sum, moved, used = false, 0, 0, 0, 4294967295 end
    end
    if not value or value == '' then
    elseif not fits then
      used, older = sum, width == 0 and 0 or (#value - 8) / size - 2
    elseif width == 0 then
      used = (#value - 4) / 7
      while drop < used and read('<I7', value, 5 + 7 * drop) + window <= now do drop = drop + 1 end
      used = used - drop
    else
      older = (#value - 8) / size - 2
      drop = edge - newest + older
      if drop > older then
        sum = base
      elseif drop > 0 then
        base = read(item, value, 9 + size * (1 + drop))
      else
        drop = 0
      end
      used = (sum - base) % modulus
    end
    if used == 0 then value, newest, sum, base, older, drop = false, 0, 0, 0, 0, 0 end
  end

  local before, taken, results, served, wait = used, 0, '', 0, 0
  -- What is stored never runs back: a bucket or a time ahead of now takes the permits.
  if newest > top then top = newest end
  for run = 1, runs do
    if run > 1 then
      results = results .. pack('<I4I6', served, wait)
      kind, permits, callers, at = read('<BI4I4', asked, at)
    end
    served, wait = 0, 0
    if kind == 0 then
      local need = permits > 0 and permits or 1
      served = floor((limit - used) / need)
      if served > callers or permits == 0 and served > 0 then served = callers elseif served < 0 then served = 0 end
      taken, used = taken + served * permits, used + served * permits
      if served < callers then
        refused = true
        local missing, stop = used + need - limit, top
        if value and missing <= before then
          if width == 0 then
            stop = read('<I7', value, 5 + 7 * (drop + missing - 1))
          else
            stop = newest
            for i = drop + 1, older do
              if (read(item, value, 9 + size * (1 + i)) - base) % modulus >= missing then
                stop = newest - older + i - 1
                break
              end
            end
          end
        end
        wait = (width == 0 and stop or (stop + 1) * span - 1) + window - now
      end
    elseif kind == 1 then
      served = math.max(0, math.min(permits, 2 * limit - used))
      taken, used = taken + served, used + served
    else
      served = moved
    end
  end

  if taken == 0 then top = newest end
  local reset = used == 0 and 0 or (width == 0 and top or (top + 1) * span - 1) + window - now
  if runs == 1 then
    answer[k] = pack('<I4I6I6I4I6', before, reset, top, served, wait)
  else
    answer[k] = pack('<I4I6I6', before, reset, top) .. results .. pack('<I4I6', served, wait)
  end

  local kept
  if moved > 0 then
    kept = value or ''
  elseif taken == 0 then
  elseif width == 0 then
    kept = '\0\0\0\0' .. (value and string.sub(value, 5 + 7 * drop) or '') .. string.rep(pack('<I7', top), taken)
  elseif not value then
    kept = pack(head, width, top % 4294967296, taken, 0)
  elseif top == newest and fits and not lives then
    -- The bucket is the same, and so is the time to live.
    call('SETRANGE', key, '8', pack(item, (sum + taken) % modulus))
    if written then written[key] = false end
  else
    kept = pack(head, width, top % 4294967296, (sum + taken) % modulus, base)
      .. string.sub(value, 9 + size * (2 + drop)) .. string.rep(pack(item, sum), top - newest)
  end
  if kept then
    -- As text: Redis itself turns a number into one at more cost.
    local life = string.format('%d', floor(reset / 1000) + 2)
    if written then written[key] = kept end
    if lives then
      lives[key] = life
    elseif kept == '' then
      call('DEL', key)
    else
      call('SET', key, kept, 'PX', life)
    end
  end
end

if lives and not refused then
  for key, life in pairs(lives) do
    call('SET', key, written[key], 'PX', life)
  end
end
return answer[2] and table.concat(answer) or answer[1]
