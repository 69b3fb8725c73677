-- Leases the first lane that has entries and that nobody holds.
-- KEYS: for each lane, in the order in which they are tried: lease, queue, bodies of the queue.
-- ARGV: token and end of the lease (16 and 8 bytes), now, limit, the latest end of a lease whose clock was right.
-- Returns nothing, or the number of the lane in that order, whether more entries follow (1 or 0), then id and body of
-- each.
local now, limit, latest = tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
-- As in list.lua. And a server without memory refuses the first write of a script alone, and this one never: so the outbox
-- can still be emptied.
redis.call('PERSIST', KEYS[1])

local BYTES = 1048576
for i = 1, #KEYS, 3 do
  if redis.call('EXISTS', KEYS[i + 1]) == 1 then
    local held = redis.call('GET', KEYS[i])
    local free = true
    if held then
      local high, low = struct.unpack('>I4I4', held, 17)
      local ends = high * 4294967296 + low
      free = ends <= now or ends > latest
    end
    if free then
      redis.call('SET', KEYS[i], ARGV[1])
      local out, bytes = { (i - 1) / 3, 0 }, 0
      if limit > 0 then
        local names = redis.call('LRANGE', KEYS[i + 1], 0, limit)
        for n, name in ipairs(names) do
          if n > limit or bytes >= BYTES then
            out[2] = 1
            break
          end
          -- As in entries.lua.
          local body = redis.call('HGET', KEYS[i + 2], name) or ''
          bytes = bytes + #body
          out[#out + 1] = name
          out[#out + 1] = body
        end
      end
      return out
    end
  end
end
return false
