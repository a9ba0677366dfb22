-- Does the steps, or none of them where a condition does not hold; gives the key of that step then, and "" otherwise.
-- ARGV: the prefix; and for each step put, absent, match or delete, its key, the version to match, the body.
local prefix, keys, written = ARGV[1], ARGV[1] .. '//keys', ARGV[1] .. '//written'
for i = 2, #ARGV, 4 do
  local op, key = ARGV[i], ARGV[i + 1]
  if op == 'absent' or op == 'match' then
    local body = redis.call('GET', prefix .. key)
    if op == 'absent' and body or op == 'match' and (not body or redis.sha1hex(body) ~= ARGV[i + 2]) then
      return key
    end
  end
end
local now = redis.call('TIME')
local ms = now[1] .. string.format('%03d', math.floor(tonumber(now[2]) / 1000))
for i = 2, #ARGV, 4 do
  local op, key = ARGV[i], ARGV[i + 1]
  if op == 'delete' then
    redis.call('DEL', prefix .. key)
    redis.call('ZREM', keys, key)
    redis.call('HDEL', written, key)
  else
    redis.call('SET', prefix .. key, ARGV[i + 3])
    redis.call('ZADD', keys, 0, key)
    redis.call('HSET', written, key, ms)
  end
  if key:sub(1, 16) == '.tamer/channels/' then
    redis.call('PUBLISH', prefix .. 'channels', (key:sub(17):gsub('%.json$', '')))
  end
end
return ''
