-- Writes one membership entry if it stands against the one that is there, and renews its life. The Redis side of stands.ts.
-- KEYS[1] the key. ARGV: boot time (µs, decimal, below 2^53, so exact in a Lua number), value, life (ms), 'earliest' or 'latest'.
-- Kept as "<boot time> <value>". Answers 1 when the entry stands, 0 when the one before stays.
local candidate_time, candidate = tonumber(ARGV[1]), ARGV[2]

-- A key that holds something else than our text (someone else wrote there) counts as absent and is replaced: it must not stop us for ever.
local current = redis.pcall('GET', KEYS[1])
local current_time, at
if type(current) == 'string' then
  at = string.find(current, ' ', 1, true)
  current_time = at and tonumber(string.sub(current, 1, at - 1))
end

-- string.byte order, not the order of the server's locale, which "<" on strings would take.
local function is_bytewise_less(a, b)
  for index = 1, math.min(#a, #b) do
    local x, y = string.byte(a, index), string.byte(b, index)
    if x ~= y then return x < y end
  end
  return #a < #b
end

local stands
if not current_time then
  stands = true
elseif candidate_time ~= current_time then
  stands = (ARGV[4] == 'latest') == (candidate_time > current_time)
else
  stands = is_bytewise_less(candidate, string.sub(current, at + 1))
end

if stands then
  redis.call('SET', KEYS[1], ARGV[1] .. ' ' .. candidate, 'PX', ARGV[3])
  return 1
end
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return 0
