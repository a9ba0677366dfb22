-- Gives the last key of the page, "" where there is no other page, and then key, version, size and time of each object. They
-- are read anew, so what somebody else has put there or taken away shows.
-- ARGV: the prefix, from, to, how many.
local prefix = ARGV[1]
local found = redis.call('ZRANGEBYLEX', prefix .. '//keys', ARGV[2], ARGV[3], 'LIMIT', 0, ARGV[4])
local page = { '' }
if #found == tonumber(ARGV[4]) then
  page[1] = found[#found]
end
for _, key in ipairs(found) do
  local body = redis.call('GET', prefix .. key)
  if body then
    page[#page + 1] = { key, redis.sha1hex(body), tostring(#body), redis.call('HGET', prefix .. '//written', key) or '0' }
  end
end
return page
