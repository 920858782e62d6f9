-- Takes the open window of a group for a message; the same window again until it is sent.
-- KEYS: group, then ids, ranges, hosts, containers, rules of the open window, then those of the taken one.
-- ARGV: begin of the group, sequence of the message.
-- Returns nothing for no group; begin, sequence and due time if another message is due; else what the message is about.
local group = KEYS[1]
local sequence = redis.call('HGET', group, 'sequence')
if not sequence then return false end
local begun = redis.call('HGET', group, 'begun')
if begun ~= ARGV[1] or sequence ~= ARGV[2] then return { begun, sequence, redis.call('HGET', group, 'due') } end
if redis.call('HSETNX', group, 'taken', sequence) == 1 then
  for index = 2, 6 do
    if redis.call('EXISTS', KEYS[index]) == 1 then redis.call('RENAME', KEYS[index], KEYS[index + 5]) end
  end
  for _, field in ipairs({ 'first', 'last', 'repeat', 'more', 'alert' }) do
    local value = redis.call('HGET', group, field)
    if value then redis.call('HSET', group, 'taken ' .. field, value) end
    if field ~= 'alert' then redis.call('HDEL', group, field) end
  end
end
local values = redis.call('HMGET', group, 'sentBefore', 'taken first', 'taken last', 'taken repeat', 'taken more', 'taken alert', 'thread')
return {
  redis.call('SCARD', KEYS[7]), values[1], values[2] or '', values[3] or '', values[4] or '', values[5] or '', values[6], values[7] or false,
  redis.call('LRANGE', KEYS[8], 0, -1), redis.call('SMEMBERS', KEYS[9]), redis.call('SMEMBERS', KEYS[10]), redis.call('SMEMBERS', KEYS[11]),
}
