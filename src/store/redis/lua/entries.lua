-- Entries of a lane, in the order of their writes.
-- KEYS: queue, bodies of the queue. ARGV: id behind which to begin ('' for the first), limit.
-- Returns whether more may follow (1 or 0), then id and body of each.
local limit = tonumber(ARGV[2])
-- As in list.lua.
redis.call('PERSIST', KEYS[1])

local BYTES = 1048576
local first = 0
if ARGV[1] ~= '' then
  -- If it was deleted, the lane begins anew: rather twice than never.
  local before = redis.call('LPOS', KEYS[1], ARGV[1])
  first = before and before + 1 or 0
end
local found = redis.call('LRANGE', KEYS[1], first, first + limit)
local out, bytes = { 0 }, 0
for i, name in ipairs(found) do
  if i > limit or bytes >= BYTES then
    out[1] = 1
    break
  end
  -- A body that is gone is an empty one, which nobody can read: it keeps nothing else back.
  local body = redis.call('HGET', KEYS[2], name) or ''
  bytes = bytes + #body
  out[#out + 1] = name
  out[#out + 1] = body
end
return out
