-- The rows of an owner, newest first.
-- KEYS: the index to go by.
-- ARGV: prefix of the owner's row keys, upper and lower end of the range, limit, now, 'live' or ''.
-- Returns whether more may follow (1 or 0), the position of the last row looked at, then id and row of
-- each.
local upper, limit, now, live = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == 'live'

local function time(head, first)
  local high, low = struct.unpack('>I4I4', head, first)
  return high * 4294967296 + low
end

-- A part ends after so many rows that do not belong into it, or so many bytes: the server does nothing
-- else meanwhile.
local PASSED, BYTES = 500, 1048576
local out, count, passed, bytes = { 0, '' }, 0, 0, 0
local chunk = math.min(limit + 1, 128)
while true do
  local members = redis.call('ZREVRANGEBYLEX', KEYS[1], upper, ARGV[3], 'LIMIT', 0, chunk)
  for _, member in ipairs(members) do
    if count >= limit or passed >= PASSED or bytes >= BYTES then
      out[1] = 1
      return out
    end
    local id = string.sub(member, 25, 40)
    local row = redis.call('GET', ARGV[1] .. id)
    if row and time(row, 25) > now and (not live or time(row, 17) > now) then
      count = count + 1
      bytes = bytes + #row
      out[#out + 1] = id
      out[#out + 1] = row
    else
      passed = passed + 1
    end
    out[2] = string.sub(member, 17, 40)
    upper = '(' .. member
  end
  if #members < chunk then
    return out
  end
end
