// The settlement store over Redis. Per partition of a sink three keys with one hash tag: a hash with epoch, owner, watermark and generation; a hash
// with the claims by job; a sorted set with the settled ranges, by their first offset. Each step is one small script.
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'
import type { RedisClient, RedisReply, RedisScript } from '../../../infra/redis/redis.js'
import type { Claim, JobPlace, OwnedState, OwnerView, Refusal, SettlementStore, StoredState } from './settlement-store.js'

const GONE = -1
const TAKEN = -2

/** Refuses a caller that is not the owner, or knows more than the store has. ARGV: epoch, owner, generation, ... */
const OWNED = `
local state = redis.call('HMGET', KEYS[1], 'epoch', 'owner', 'generation')
if not state[1] then return {${String(GONE)}} end
if state[1] == ARGV[1] and tonumber(state[3]) < tonumber(ARGV[3]) then return {${String(GONE)}} end
if state[2] ~= ARGV[2] then return {${String(TAKEN)}} end
if state[1] ~= ARGV[1] then return {${String(GONE)}} end
`
// %.0f: Lua prints whole numbers above 10^14 with an exponent.
const TAKE_OVER = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return false end
redis.call('HSET', KEYS[1], 'owner', ARGV[2])
local generation = redis.call('HINCRBY', KEYS[1], 'generation', 1)
local values = redis.call('HMGET', KEYS[1], 'watermark', 'repeats')
return {generation, values[1], redis.call('ZRANGE', KEYS[3], 0, -1), redis.call('HGETALL', KEYS[2]), values[2] or '0'}
`
const RESET = `
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'owner', ARGV[2], 'watermark', ARGV[3], 'repeats', ARGV[4], 'generation', 1)
for i = 5, #ARGV, 2 do redis.call('ZADD', KEYS[3], ARGV[i], ARGV[i] .. ':' .. ARGV[i + 1]) end
return 1
`
// ARGV from 4 on: the number of failed jobs, these, and the claims.
const CLAIM = `${OWNED}
local first = 5 + tonumber(ARGV[4])
for i = 5, first - 1 do redis.call('HDEL', KEYS[2], ARGV[i]) end
for i = first, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
return {redis.call('HINCRBY', KEYS[1], 'generation', 1)}
`
const RELEASE = `${OWNED}
for i = 4, #ARGV do redis.call('HDEL', KEYS[2], ARGV[i]) end
return {redis.call('HINCRBY', KEYS[1], 'generation', 1)}
`
const LOOK = `${OWNED}
local watermark = tonumber(ARGV[4])
if watermark > tonumber(redis.call('HGET', KEYS[1], 'watermark')) then
  redis.call('HSET', KEYS[1], 'watermark', ARGV[4])
  for _, range in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], '-inf', '(' .. ARGV[4])) do
    local to = range:match(':(%d+)')
    redis.call('ZREM', KEYS[3], range)
    if tonumber(to) > watermark then redis.call('ZADD', KEYS[3], ARGV[4], ARGV[4] .. ':' .. to) end
  end
end
if state[3] == ARGV[3] then return {tonumber(state[3])} end
return {tonumber(state[3]), redis.call('ZRANGE', KEYS[3], 0, -1)}
`
const BEGIN = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] then return false end
return redis.call('HGET', KEYS[2], ARGV[2])
`
// ARGV from 4 on: the ranges.
const ADD_RANGES = `
for i = 4, #ARGV, 2 do
  local from, to = tonumber(ARGV[i]), tonumber(ARGV[i + 1])
  local touching = redis.call('ZREVRANGEBYSCORE', KEYS[3], ARGV[i], '-inf', 'LIMIT', 0, 1)
  for _, range in ipairs(redis.call('ZRANGEBYSCORE', KEYS[3], ARGV[i], ARGV[i + 1])) do touching[#touching + 1] = range end
  for _, range in ipairs(touching) do
    local first, last = range:match('(%d+):(%d+)')
    if tonumber(last) >= from then
      redis.call('ZREM', KEYS[3], range)
      from = math.min(from, tonumber(first))
      to = math.max(to, tonumber(last))
    end
  end
  redis.call('ZADD', KEYS[3], string.format('%.0f', from), string.format('%.0f:%.0f', from, to))
end
return redis.call('HINCRBY', KEYS[1], 'generation', 1)
`
const SETTLE = `
if redis.call('HGET', KEYS[1], 'epoch') ~= ARGV[1] or redis.call('HEXISTS', KEYS[2], ARGV[2]) == 0 then return false end
if ARGV[3] == '' then redis.call('HDEL', KEYS[2], ARGV[2]) else redis.call('HSET', KEYS[2], ARGV[2], ARGV[3]) end
${ADD_RANGES}`
const SETTLE_UNCLAIMED = `
if redis.call('EXISTS', KEYS[1]) == 0 then return false end
${ADD_RANGES}`

/** The settlement of one sink in Redis. */
export class RedisSettlement implements SettlementStore {
  readonly #redis: RedisClient
  readonly #prefix: string
  readonly #scripts = new Map<string, RedisScript>()

  /** @param prefix of all keys, with a hash tag */
  constructor(redis: RedisClient, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
  }

  async takeOver(partition: number, epoch: string, owner: string): Promise<StoredState | null> {
    const reply = await this.#run(TAKE_OVER, partition, [epoch, owner])
    if (!Array.isArray(reply)) return null
    const [generation, watermark, settled, claims, repeats] = reply as readonly RedisReply[]
    return {
      generation: Number(generation),
      watermark: Number(textOf(watermark)),
      repeatsUntilMs: Number(textOf(repeats)),
      settled: listOf(settled).map((range) => rangeOf(textOf(range))),
      claims: claimsOf(listOf(claims)),
    }
  }

  async reset(partition: number, { epoch, owner, watermark, repeatsUntilMs, settled }: OwnedState): Promise<void> {
    await this.#run(RESET, partition, [epoch, owner, watermark, repeatsUntilMs, ...settled.flat()])
  }

  async claim(view: OwnerView, claims: readonly Claim[], failed: readonly string[] = []): Promise<number | Refusal> {
    const pairs = claims.flatMap(({ jobId, ranges }) => [jobId, rangesText(ranges)])
    return changeOf(await this.#owned(CLAIM, view, [failed.length, ...failed, ...pairs]))
  }

  async release(view: OwnerView, jobIds: readonly string[]): Promise<number | Refusal> {
    return changeOf(await this.#owned(RELEASE, view, jobIds))
  }

  async look(view: OwnerView, watermark: number): ReturnType<SettlementStore['look']> {
    const reply = await this.#owned(LOOK, view, [watermark])
    const generation = changeOf(reply)
    if (typeof generation === 'string') return generation
    return reply.length === 1 ? null : { generation, settled: listOf(reply[1]).map((range) => rangeOf(textOf(range))) }
  }

  async claims(partition: number): Promise<StoredState['claims']> {
    const [reply] = await this.#redis.batch([['HGETALL', this.#keysOf(partition)[1] ?? '']])
    return claimsOf(listOf(reply))
  }

  async begin({ partition, epoch, jobId }: JobPlace): Promise<readonly OffsetRange[] | null> {
    const reply = await this.#run(BEGIN, partition, [epoch, jobId])
    return reply === null ? null : textOf(reply).split(' ').map(rangeOf)
  }

  async settle(
    { partition, epoch, jobId }: JobPlace,
    settled: readonly OffsetRange[],
    left: readonly OffsetRange[],
  ): Promise<number | null> {
    const reply = await this.#run(SETTLE, partition, [epoch, jobId, rangesText(left), ...settled.flat()])
    return reply === null ? null : Number(reply)
  }

  async settleUnclaimed(partition: number, settled: readonly OffsetRange[]): Promise<void> {
    await this.#run(SETTLE_UNCLAIMED, partition, ['', '', '', ...settled.flat()])
  }

  async #owned(lua: string, view: OwnerView, args: readonly (string | number)[]): Promise<readonly RedisReply[]> {
    return listOf(await this.#run(lua, view.partition, [view.epoch, view.owner, view.generation, ...args]))
  }

  async #run(lua: string, partition: number, args: readonly (string | number)[]): Promise<RedisReply> {
    const script = this.#scripts.get(lua) ?? this.#redis.script(lua)
    this.#scripts.set(lua, script)
    const [reply = null] = await script.run([{ keys: this.#keysOf(partition), args }])
    return reply
  }

  #keysOf(partition: number): readonly string[] {
    return ['state', 'claims', 'settled'].map((what) => `${this.#prefix}:${String(partition)}:${what}`)
  }
}

function changeOf(reply: readonly RedisReply[]): number | Refusal {
  const change = Number(reply[0])
  return change === GONE ? 'gone' : change === TAKEN ? 'taken' : change
}

function rangesText(ranges: readonly OffsetRange[]): string {
  return ranges.map(([from, to]) => `${String(from)}:${String(to)}`).join(' ')
}

function rangeOf(text: string): OffsetRange {
  const [from, to] = text.split(':')
  return [Number(from), Number(to)]
}

function textOf(reply: RedisReply | undefined): string {
  return String(reply ?? '')
}

function listOf(reply: RedisReply | undefined): readonly RedisReply[] {
  return Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
}

function claimsOf(flat: readonly RedisReply[]): Map<string, readonly OffsetRange[]> {
  const claims = new Map<string, readonly OffsetRange[]>()
  for (let index = 0; index < flat.length; index += 2) {
    claims.set(
      textOf(flat[index]),
      textOf(flat[index + 1])
        .split(' ')
        .map(rangeOf),
    )
  }
  return claims
}
