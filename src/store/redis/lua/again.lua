-- Writes a row over the one whose head the caller knows, and adds its news, where the indexes stay as they are.
-- Otherwise as put.lua.
-- KEYS: row; with news also queue, bodies of the queue.
-- ARGV: row, expected head, '1' if it is written though the server is short of memory, else ''; with news also the bound
-- of the queue, then id and body of each entry.
-- Returns 0 for a conflict, 1 if it was written, 2 if the queue is full.
local row = ARGV[1]
if redis.call('GETRANGE', KEYS[1], '0', '31') ~= ARGV[2] then
  -- A client that lost the answer may send the same call again: then it was this call that wrote.
  if redis.call('GETRANGE', KEYS[1], '32', '39') == string.sub(row, 33, 40) then
    return 1
  end
  return 0
end
local queue = KEYS[2]
if queue and redis.call('LLEN', queue) + (#ARGV - 4) / 2 > tonumber(ARGV[4]) then
  return 2
end
if ARGV[3] == '1' then
  -- Changes nothing. Without memory the server refuses the first write of a script alone, and this one never.
  redis.call('PERSIST', KEYS[1])
end
-- First of all other writes: a server without memory refuses this one, and nothing after it.
redis.call('SET', KEYS[1], row)
for i = 5, #ARGV, 2 do
  if redis.call('HSET', KEYS[3], ARGV[i], ARGV[i + 1]) == 1 then
    redis.call('RPUSH', queue, ARGV[i])
  end
end
return 1
