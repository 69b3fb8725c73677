-- The rows of an owner on which something depends, newest first: by the index of live rows. Stands before list.lua, and goes
-- on to it if there are too many to sort: it takes them from among all rows.
-- KEYS: index of all rows, index of live rows.
-- ARGV: as of list.lua, then lower and upper end of what is live by now, and an index entry of the position behind which to
-- begin ('' for the first).
-- Returns as list.lua.
local limit, now, after = tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[9]

local function time(bytes, first)
  local high, low = struct.unpack('>I4I4', bytes, first)
  return high * 4294967296 + low
end

-- Whether the id of an index entry comes before that of another. Strings are not ordered with <, which goes by the locale
-- of the server.
local function is_before(one, other)
  for i = 33, 48 do
    local a, b = string.byte(one, i), string.byte(other, i)
    if a ~= b then
      return a < b
    end
  end
  return false
end
local function is_behind(one, other)
  return is_before(other, one)
end

-- As in list.lua.
redis.call('PERSIST', KEYS[1])

-- The index is in the order in which rows lapse, so that those that have are not even looked at. Hardly two rows share
-- their `created`: what is sorted are mere numbers. So many take about a millisecond, and each part sorts them anew.
local SORTED = 1000
local lives = redis.call('ZRANGEBYLEX', KEYS[2], ARGV[7], ARGV[8], 'LIMIT', 0, SORTED + 1)
if #lives <= SORTED then
  local times, by = {}, {}
  local begin = after ~= '' and time(after, 25)
  for _, member in ipairs(lives) do
    local created = time(member, 25)
    if not begin or created < begin or (created == begin and is_before(member, after)) then
      local others = by[created]
      if not others then
        times[#times + 1], by[created] = created, member
      elseif type(others) == 'string' then
        by[created] = { others, member }
      else
        others[#others + 1] = member
      end
    end
  end
  table.sort(times)

  local PASSED, BYTES = 500, 1048576
  local out, count, passed, bytes = { 0, '' }, 0, 0, 0
  for n = #times, 1, -1 do
    local members = by[times[n]]
    if type(members) == 'string' then
      members = { members }
    else
      table.sort(members, is_behind)
    end
    for _, member in ipairs(members) do
      if count >= limit or passed >= PASSED or bytes >= BYTES then
        out[1] = 1
        return out
      end
      local row = redis.call('GET', ARGV[1] .. string.sub(member, 33))
      out[2] = string.sub(member, 25)
      -- The row itself says when it lapses, unless it was cut.
      if row and (#row < 40 or (time(row, 25) > now and string.sub(row, 17, 24) == string.sub(member, 17, 24))) then
        count = count + 1
        bytes = bytes + #row
        out[#out + 1] = out[2]
        out[#out + 1] = row
      else
        passed = passed + 1
      end
    end
  end
  return out
end
