-- Deletes entries of a lane, if it is still leased to the holder of the token.
-- KEYS: lease, queue, bodies of the queue.
-- ARGV: token, now, then ids. Returns 1 if the lease held, else 0.
local held = redis.call('GET', KEYS[1])
if not held or string.sub(held, 1, 16) ~= ARGV[1] then
  return 0
end
local high, low = struct.unpack('>I4I4', held, 17)
if high * 4294967296 + low <= tonumber(ARGV[2]) then
  return 0
end
for i = 3, #ARGV do
  -- What was leased stands at the beginning of the queue, so it is found at once. What was deleted before is looked for
  -- in vain, and therefore there only; an entry whose body is gone stands there, or will.
  if redis.call('HDEL', KEYS[3], ARGV[i]) == 1 or redis.call('LPOS', KEYS[2], ARGV[i], 'MAXLEN', '1000') then
    redis.call('LREM', KEYS[2], 1, ARGV[i])
  end
end
return 1
