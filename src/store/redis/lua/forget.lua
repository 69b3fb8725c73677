-- Takes a place out of an index by its owner and id: for a row that was cut, and no longer says where it stands there.
local function forget(index, owner, id)
  local lower, last = '[' .. owner, '[' .. owner .. string.rep('\255', 32)
  repeat
    local members = redis.call('ZRANGEBYLEX', index, lower, last, 'LIMIT', '0', '500')
    for _, member in ipairs(members) do
      if string.sub(member, -16) == id then
        redis.call('ZREM', index, member)
      end
      lower = '(' .. member
    end
  until #members < 500
end
