-- Writes a row if the expected one stands there, files it in the indexes of its lane and adds its news. Comes behind
-- forget.lua.
-- KEYS: row, index of all rows, index of live rows, index of due rows, queue, bodies of the queue.
-- ARGV: row, expected version ('' for none), now, place, '1' if it is written though the server is short of memory, else
-- '', bound of the queue, then id and body of each entry.
-- Returns 0 for a conflict, 1 if it was written, 2 if the queue is full.
-- Numbers that stay the same are texts here and in the other scripts: the server writes out a number with seventeen digits
-- whenever it is passed to a command.
local row, expected, place = ARGV[1], ARGV[2], ARGV[4]
local NEVER = '\0\0\0\0\0\0\0\0'

-- Eight bytes as a time. Times stay below 2^53, where a number is exact; versions do not, and are only
-- ever compared as bytes. Strings are not ordered with <, which goes by the locale of the server.
local function time(head, first)
  local high, low = struct.unpack('>I4I4', head, first)
  return high * 4294967296 + low
end

local old = redis.call('GETRANGE', KEYS[1], '0', '39')
local held, cut, stands = #old == 40, false, false
if not held then
  -- A row that was cut is always retained, and has version 0.
  cut = expected == NEVER and redis.call('EXISTS', KEYS[1]) == 1
  stands = cut or expected == ''
elseif time(old, 25) > tonumber(ARGV[3]) then
  stands = string.sub(old, 1, 8) == expected
else
  stands = expected == ''
end
if not stands then
  -- A client that lost the answer may send the same call again: then it was this call that wrote.
  if held and string.sub(old, 33, 40) == string.sub(row, 33, 40) then
    return 1
  end
  return 0
end

local news = (#ARGV - 6) / 2
if news > 0 and redis.call('LLEN', KEYS[5]) + news > tonumber(ARGV[6]) then
  return 2
end

if ARGV[5] == '1' then
  -- As in again.lua.
  redis.call('PERSIST', KEYS[1])
end
-- First of all other writes: a server without memory refuses this one, and nothing after it.
if held or cut then
  redis.call('SET', KEYS[1], row)
elseif not redis.call('SET', KEYS[1], row, 'NX') then
  -- One that was cut is no place that is empty, not even when nothing is left of it.
  return 0
end

local owner, id = string.sub(place, 1, 16), string.sub(place, 17, 32)
local position, ends = string.sub(row, 9, 16) .. id, string.sub(row, 17, 24)
local is, is_live = owner .. position, ends ~= NEVER and owner .. ends .. position
local was, was_live = false, false
if held then
  position, ends = string.sub(old, 9, 16) .. id, string.sub(old, 17, 24)
  was, was_live = owner .. position, ends ~= NEVER and owner .. ends .. position
elseif cut then
  forget(KEYS[2], owner, id)
  forget(KEYS[3], owner, id)
end
if is ~= was then
  if was then redis.call('ZREM', KEYS[2], was) end
  redis.call('ZADD', KEYS[2], '0', is)
end
if is_live ~= was_live then
  if was_live then redis.call('ZREM', KEYS[3], was_live) end
  if is_live then redis.call('ZADD', KEYS[3], '0', is_live) end
end
if not held or string.sub(old, 25, 32) ~= string.sub(row, 25, 32) then
  redis.call('ZADD', KEYS[4], time(row, 25), place)
end

for i = 7, #ARGV, 2 do
  if redis.call('HSET', KEYS[6], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('RPUSH', KEYS[5], ARGV[i])
  end
end
return 1
