-- Writes a row over the expected one, and adds its news, where the indexes stay as they are: the caller knows the
-- head that it expects. Otherwise as put.lua.
-- KEYS: row; with news also queue, bodies of the queue.
-- ARGV: row, expected version, now; with news also the bound of the queue, then id and body of each entry.
-- Returns 0 for a conflict, 1 if it was written, 2 if the queue is full.
local row = ARGV[1]
local old = redis.call('GETRANGE', KEYS[1], 0, 39)
local stands = false
if string.sub(old, 1, 8) == ARGV[2] then
  local high, low = struct.unpack('>I4I4', old, 25)
  stands = high * 4294967296 + low > tonumber(ARGV[3])
end
if not stands then
  -- A client that lost the answer may send the same call again: then it was this call that wrote.
  if #old == 40 and string.sub(old, 33, 40) == string.sub(row, 33, 40) then
    return 1
  end
  return 0
end
if #KEYS == 1 then
  redis.call('SET', KEYS[1], row)
  return 1
end
local news = (#ARGV - 4) / 2
if redis.call('ZCARD', KEYS[2]) + news > tonumber(ARGV[4]) then
  return 2
end
-- First of all writes: a server without memory refuses this one, and nothing after it.
redis.call('SET', KEYS[1], row)
local last = tonumber(redis.call('ZREVRANGE', KEYS[2], 0, 0, 'WITHSCORES')[2] or 0)
for i = 1, news do
  local name = ARGV[3 + 2 * i]
  redis.call('ZADD', KEYS[2], last + i, name)
  redis.call('HSET', KEYS[3], name, ARGV[4 + 2 * i])
end
return 1
