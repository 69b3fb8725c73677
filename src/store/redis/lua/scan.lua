-- The rows of a lane, in the order of its index.
-- KEYS: index of all rows.
-- ARGV: prefix of row keys, lower end of the range, limit.
-- Returns whether more may follow (1 or 0), then index entry and row of each.
local lower, limit = ARGV[2], tonumber(ARGV[3])
-- As in list.lua.
redis.call('PERSIST', KEYS[1])

local BYTES = 1048576
local out, count, bytes = { 0 }, 0, 0
local chunk = math.min(limit + 1, 128)
while true do
  local members = redis.call('ZRANGEBYLEX', KEYS[1], lower, '+', 'LIMIT', 0, chunk)
  for _, member in ipairs(members) do
    if count >= limit or bytes >= BYTES then
      out[1] = 1
      return out
    end
    local row = redis.call('GET', ARGV[1] .. string.sub(member, 1, 16) .. string.sub(member, 25, 40))
    if row then
      count = count + 1
      bytes = bytes + #row
      out[#out + 1] = member
      out[#out + 1] = row
    end
    lower = '(' .. member
  end
  if #members < chunk then
    return out
  end
end
