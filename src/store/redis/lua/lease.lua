-- Leases the first lane that has entries and that nobody holds.
-- KEYS: for each lane, in the order in which they are tried: lease, queue, bodies of the queue.
-- ARGV: token and end of the lease (16 and 8 bytes), now, limit.
-- Returns nothing, or the number of the lane in that order, then id and body of each entry.
local now, limit = tonumber(ARGV[2]), tonumber(ARGV[3])
local BYTES = 1048576
for i = 1, #KEYS, 3 do
  if redis.call('EXISTS', KEYS[i + 1]) == 1 then
    local held = redis.call('GET', KEYS[i])
    local free = true
    if held then
      local high, low = struct.unpack('>I4I4', held, 17)
      free = high * 4294967296 + low <= now
    end
    if free then
      -- Deleted first: then a server without memory lets the next line pass, and the outbox can still
      -- be emptied.
      redis.call('DEL', KEYS[i])
      redis.call('SET', KEYS[i], ARGV[1])
      local out, bytes = { (i - 1) / 3 }, 0
      if limit > 0 then
        local names = redis.call('LRANGE', KEYS[i + 1], 0, limit - 1)
        for _, name in ipairs(names) do
          local body = redis.call('HGET', KEYS[i + 2], name)
          if bytes >= BYTES then
            break
          end
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
