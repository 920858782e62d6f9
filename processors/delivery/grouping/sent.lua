-- The message of a group is sent: the next one gets its number, or the group ends.
-- KEYS: group, ranges of the open window, ids, ranges, hosts, containers, rules of the taken one, groups, ids of the open window, ids of the last
--   and the second last window that were sent.
-- ARGV: group id, begin of the group, sequence of the message, its count, thread, due time of the next message (ms), life of
--   sent ids (ms).
-- Returns nothing if the group has ended; else begin, sequence, due time, alerts and ranges of the open window.
local group = KEYS[1]
local sequence = redis.call('HGET', group, 'sequence')
if not sequence then return false end
local begun = redis.call('HGET', group, 'begun')
if begun == ARGV[2] and sequence == ARGV[3] then
  -- A reader that does not know yet that they are settled may add them once more.
  if redis.call('EXISTS', KEYS[3]) == 1 then
    if redis.call('EXISTS', KEYS[10]) == 1 then redis.call('RENAME', KEYS[10], KEYS[11]) end
    redis.call('RENAME', KEYS[3], KEYS[10])
    redis.call('PEXPIRE', KEYS[10], ARGV[7])
  end
  redis.call('DEL', KEYS[4], KEYS[5], KEYS[6], KEYS[7])
  if tonumber(ARGV[4]) == 0 and redis.call('EXISTS', KEYS[2]) == 0 then
    redis.call('DEL', group)
    redis.call('SREM', KEYS[8], ARGV[1])
    return false
  end
  redis.call('HDEL', group, 'taken', 'taken first', 'taken last', 'taken repeat', 'taken more', 'taken alert')
  sequence = redis.call('HINCRBY', group, 'sequence', 1)
  redis.call('HINCRBY', group, 'sentBefore', ARGV[4])
  redis.call('HSET', group, 'due', ARGV[6])
  if ARGV[5] ~= '' then redis.call('HSETNX', group, 'thread', ARGV[5]) end
end
return { begun, sequence, redis.call('HGET', group, 'due'), redis.call('SCARD', KEYS[9]), redis.call('LLEN', KEYS[2]) }
