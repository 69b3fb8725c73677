-- The rows of an owner, newest first.
-- KEYS: index of all rows.
-- ARGV: prefix of the owner's row keys, upper and lower end of the range, limit, now, 'live' or ''.
-- Returns whether more may follow (1 or 0), the position of the last row looked at, then position and row of
-- each.
local upper, limit, now, live = ARGV[2], tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == 'live'

local function time(head, first)
  local high, low = struct.unpack('>I4I4', head, first)
  return high * 4294967296 + low
end

-- Changes nothing. A replica, which may lag behind, refuses it as it does any write: a connection that was made anew may
-- have come to one.
redis.call('PERSIST', KEYS[1])

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
    local row = redis.call('GET', ARGV[1] .. string.sub(member, 25, 40))
    out[2] = string.sub(member, 17, 40)
    -- One that was cut no longer says so.
    if row and (#row < 40 or (time(row, 25) > now and (not live or time(row, 17) > now))) then
      count = count + 1
      bytes = bytes + #row
      out[#out + 1] = out[2]
      out[#out + 1] = row
    else
      passed = passed + 1
    end
    upper = '(' .. member
  end
  if #members < chunk then
    return out
  end
end
