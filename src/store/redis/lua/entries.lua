-- Entries of a lane, in the order of their writes.
-- KEYS: queue, bodies of the queue. ARGV: number behind which to begin, limit.
-- Returns whether more may follow (1 or 0), the number of the last entry, then id and body of each.
local limit = tonumber(ARGV[2])
local BYTES = 1048576
local found = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], '+inf', 'WITHSCORES', 'LIMIT', 0, limit + 1)
local out, bytes = { 0, ARGV[1] }, 0
for i = 1, #found, 2 do
  if i > 2 * limit or bytes >= BYTES then
    out[1] = 1
    break
  end
  local body = redis.call('HGET', KEYS[2], found[i])
  bytes = bytes + #body
  out[2] = found[i + 1]
  out[#out + 1] = found[i]
  out[#out + 1] = body
end
return out
