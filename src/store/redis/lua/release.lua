-- Ends a lease, if it is still the holder's of the token.
-- KEYS: lease. ARGV: token. Returns 1 if it was, else 0.
local held = redis.call('GET', KEYS[1])
if held and string.sub(held, 1, 16) == ARGV[1] then
  redis.call('DEL', KEYS[1])
  return 1
end
return 0
