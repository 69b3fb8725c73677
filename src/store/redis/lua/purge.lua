-- Deletes rows of a lane that are no longer retained. Comes behind forget.lua.
-- KEYS: index of due rows, index of all rows, index of live rows.
-- ARGV: prefix of row keys, instant, limit. Returns how many rows it deleted, and how many it looked at.
local before = tonumber(ARGV[2])
local places = redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', ARGV[2], 'LIMIT', 0, tonumber(ARGV[3]))
-- All of a kind go by one command: a command costs more than one of its arguments.
local rows, members, lives, gone, cut = {}, {}, {}, {}, 0
for _, place in ipairs(places) do
  local key = ARGV[1] .. place
  local head = redis.call('GETRANGE', key, '0', '39')
  if #head < 40 then
    -- A row that was cut goes when it was due by its last write.
    if redis.call('DEL', key) == 1 then
      cut = cut + 1
      for i = 2, 3 do
        forget(KEYS[i], string.sub(place, 1, 16), string.sub(place, 17, 32))
      end
    end
    gone[#gone + 1] = place
  else
    -- The row itself says until when it is retained; the index might lag behind.
    local high, low = struct.unpack('>I4I4', head, 25)
    local retained = high * 4294967296 + low
    if retained > before then
      redis.call('ZREM', KEYS[1], place)
      redis.call('ZADD', KEYS[1], retained, place)
    else
      rows[#rows + 1] = key
      local owner, position = string.sub(place, 1, 16), string.sub(head, 9, 16) .. string.sub(place, 17, 32)
      members[#members + 1] = owner .. position
      lives[#lives + 1] = owner .. string.sub(head, 17, 24) .. position
      gone[#gone + 1] = place
    end
  end
end
if #rows > 0 then
  redis.call('DEL', unpack(rows))
  redis.call('ZREM', KEYS[2], unpack(members))
  redis.call('ZREM', KEYS[3], unpack(lives))
end
if #gone > 0 then
  redis.call('ZREM', KEYS[1], unpack(gone))
end
return { #rows + cut, #places }
