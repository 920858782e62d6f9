// What `eunomia deliver status` shows of a sink: totals of all instances, and what each of them reported last. In Redis, next to the settlement.
import type { RedisClient, RedisReply } from '../../infra/redis/redis.js'
import { type InstanceReport, TOTALS, type Total } from './delivery-metrics.js'

/** What is known of a sink. */
export interface SinkStatus {
  readonly totals: Readonly<Record<Total, number>>
  /** Of the last minute. */
  readonly instances: readonly InstanceReport[]
}

/** An instance that reported nothing for so long is gone, milliseconds. */
const GONE_MS = 60_000
/** One whose clock may be wrong by this much more is forgotten; looked for at every so many reports. */
const FORGOTTEN_MS = 24 * 3_600_000
const REPORTS = 100

/** Adds to the totals of a sink, and reads them. */
export class SinkStatusStore {
  readonly #redis: RedisClient
  readonly #totals: string
  readonly #instances: string
  #reports = 0

  /** @param prefix of all keys of the sink, with a hash tag */
  constructor(redis: RedisClient, prefix: string) {
    this.#redis = redis
    this.#totals = `${prefix}:totals`
    this.#instances = `${prefix}:instances`
  }

  /** @throws a retryable error */
  async report(report: InstanceReport, gained: ReadonlyMap<Total, number>): Promise<void> {
    // Before the totals: a failure after them would count them twice.
    if (this.#reports++ % REPORTS === 0) await this.#forget(report.atMs - FORGOTTEN_MS)
    await this.#redis.batch([
      ['HSET', this.#instances, report.instance, JSON.stringify(report)],
      ...[...gained].map(([name, amount]) => ['HINCRBY', this.#totals, name, amount] as const),
    ])
  }

  /** Instances that ended without a word. */
  async #forget(beforeMs: number): Promise<void> {
    const [instances] = await this.#redis.batch([['HGETALL', this.#instances]])
    const old = [...pairsOf(instances)].filter(([, text]) => (JSON.parse(text) as InstanceReport).atMs < beforeMs)
    if (old.length > 0) await this.#redis.batch([['HDEL', this.#instances, ...old.map(([name]) => name)]])
  }

  /** Forgets an instance that ends. */
  async leave(instance: string): Promise<void> {
    await this.#redis.batch([['HDEL', this.#instances, instance]])
  }

  async read(nowMs = Date.now()): Promise<SinkStatus> {
    const [totals, instances] = await this.#redis.batch([
      ['HGETALL', this.#totals],
      ['HGETALL', this.#instances],
    ])
    const counted = pairsOf(totals)
    const reports = [...pairsOf(instances).values()].map((text) => JSON.parse(text) as InstanceReport)
    return {
      totals: Object.fromEntries(TOTALS.map((name) => [name, Number(counted.get(name) ?? 0)])) as Record<Total, number>,
      instances: reports.filter(({ atMs }) => nowMs - atMs < GONE_MS),
    }
  }
}

function pairsOf(reply: RedisReply | undefined): Map<string, string> {
  const flat = Array.isArray(reply) ? (reply as readonly RedisReply[]) : []
  return new Map(flat.flatMap((name, index) => (index % 2 === 0 ? [[String(name), String(flat[index + 1])] as const] : [])))
}
