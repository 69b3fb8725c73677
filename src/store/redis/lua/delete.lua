-- Deletes a row that has the expected version, and its index entries.
-- KEYS: row, index of all rows, index of live rows, index of due rows.
-- ARGV: expected version, place. Returns 1 if it was deleted, else 0.
local head = redis.call('GETRANGE', KEYS[1], 0, 15)
if string.sub(head, 1, 8) ~= ARGV[1] then
  return 0
end
local place = ARGV[2]
local member = string.sub(place, 1, 16) .. string.sub(head, 9, 16) .. string.sub(place, 17, 32)
redis.call('DEL', KEYS[1])
redis.call('ZREM', KEYS[2], member)
redis.call('ZREM', KEYS[3], member)
redis.call('ZREM', KEYS[4], place)
return 1
