-- Adds alerts to the open window of a group; makes the group if a new one may begin in this minute.
-- KEYS: group, ids, ids of the taken window, of the last and the second last one that were sent, ranges, hosts, containers, rules, groups, new groups
--   of the minute, the four sets of ids of another group that may have counted the alerts, state of the partition.
-- ARGV: group id, 16 bytes of each alert id, ranges (JSON of texts), first and last time (us), hosts, containers, rules (JSON of texts),
--   first and last record, 1 if it may repeat, most new groups (-1 for no bound), most names, life (ms), now (ms).
-- Returns nothing if no new group may begin, or all alerts are counted elsewhere; else begin, sequence, due time (ms), alerts and ranges of the window,
--   and the change that this is for the partition.
local group = KEYS[1]
local ids, fresh = ARGV[2], {}
for at = 1, #ids, 16 do
  local id = string.sub(ids, at, at + 15)
  local is_known = false
  for _, index in ipairs({ 3, 4, 5, 12, 13, 14, 15 }) do is_known = is_known or redis.call('SISMEMBER', KEYS[index], id) == 1 end
  if not is_known then fresh[#fresh + 1] = id end
end

if redis.call('EXISTS', group) == 0 then
  if #fresh == 0 then return false end
  local most = tonumber(ARGV[12])
  if most >= 0 then
    local begun = redis.call('INCR', KEYS[11])
    redis.call('PEXPIRE', KEYS[11], 120000)
    if begun > most then return false end
  end
  redis.call('HSET', group, 'sequence', 0, 'due', 0, 'sentBefore', 0, 'alert', ARGV[9], 'begun', ARGV[15])
  redis.call('SADD', KEYS[10], ARGV[1])
elseif redis.call('HGET', group, 'sequence') ~= '0' then
  redis.call('HSET', group, 'alert', ARGV[10])
end

for _, id in ipairs(fresh) do redis.call('SADD', KEYS[2], id) end
-- Also of alerts that are counted already: one may be at another offset, too, and that must be settled.
for _, range in ipairs(cjson.decode(ARGV[3])) do redis.call('RPUSH', KEYS[6], range) end

local first = tonumber(redis.call('HGET', group, 'first'))
if not first or tonumber(ARGV[4]) < first then redis.call('HSET', group, 'first', ARGV[4]) end
local last = tonumber(redis.call('HGET', group, 'last'))
if not last or tonumber(ARGV[5]) > last then redis.call('HSET', group, 'last', ARGV[5]) end
if ARGV[11] == '1' then redis.call('HSET', group, 'repeat', 1) end

for index = 7, 9 do
  local key = KEYS[index]
  for _, name in ipairs(cjson.decode(ARGV[index - 1])) do
    if redis.call('SISMEMBER', key, name) == 0 then
      if redis.call('SCARD', key) < tonumber(ARGV[13]) then redis.call('SADD', key, name) else redis.call('HSET', group, 'more', 1) end
    end
  end
end
for _, key in ipairs({ group, KEYS[2], KEYS[6], KEYS[7], KEYS[8], KEYS[9], KEYS[10] }) do redis.call('PEXPIRE', key, ARGV[14]) end
-- A Redis that loses its last writes loses this count with them: the owner of the partition notices it.
local change = redis.call('EXISTS', KEYS[16]) == 1 and redis.call('HINCRBY', KEYS[16], 'generation', 1) or 0
local place = redis.call('HMGET', group, 'begun', 'sequence', 'due')
return { place[1], place[2], place[3], redis.call('SCARD', KEYS[2]), redis.call('LLEN', KEYS[6]), change }
