-- Deletes a row that has the expected version, and its index entries. Comes behind forget.lua.
-- KEYS: row, index of all rows, index of live rows, index of due rows.
-- ARGV: expected version, place. Returns 1 if it was deleted, else 0.
local head, place = redis.call('GETRANGE', KEYS[1], '0', '39'), ARGV[2]
local owner, id = string.sub(place, 1, 16), string.sub(place, 17, 32)
if #head == 40 then
  if string.sub(head, 1, 8) ~= ARGV[1] then
    return 0
  end
  redis.call('DEL', KEYS[1])
  local position = string.sub(head, 9, 16) .. id
  redis.call('ZREM', KEYS[2], owner .. position)
  redis.call('ZREM', KEYS[3], owner .. string.sub(head, 17, 24) .. position)
else
  -- A row that was cut has version 0.
  if ARGV[1] ~= '\0\0\0\0\0\0\0\0' or redis.call('DEL', KEYS[1]) == 0 then
    return 0
  end
  forget(KEYS[2], owner, id)
  forget(KEYS[3], owner, id)
end
redis.call('ZREM', KEYS[4], place)
return 1
