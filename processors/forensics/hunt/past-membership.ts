// Who was in which container: the function `membership` over the container events of a plan, into a store in memory. Its keys carry host and boot, so that
// what is known of a container at the end of a range is what was true of it in the range.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { SYSTEM_CLOCK } from '../../../infra/waiting/clock.js'
import type { Codec } from '../../../schemas/codec.js'
import { membershipFunction } from '../../functions/membership.js'
import { Membership, valueReader } from '../../membership/membership.js'
import { MemoryStore } from '../../membership/memory-store.js'
import { FunctionRunner } from '../../runtime/function-runner.js'
import type { DamagedRecords, History, HistoryPlan, Slice } from '../history/history.js'
import type { HuntPlan } from './hunt-plan.js'

/** Most entries of each kind: a fleet's containers of a month. */
const MOST_ENTRIES = 1_000_000
const NEAR_ENTRIES = 50_000
/** A snapshot of all facts is published each hour. */
const FACTS_AGAIN_MS = 2 * 3_600_000

/** The membership of one plan. */
export class PastMembership {
  readonly #plan: HuntPlan
  readonly #history: History
  readonly #codec: Codec
  readonly #store: MemoryStore
  readonly #metrics = new Metrics()
  readonly #runner: FunctionRunner
  /** Hosts whose process events were read. */
  readonly #processesOf = new Set<string>()
  #damaged = 0
  #evicted = 0

  constructor(plan: HuntPlan, history: History, codec: Codec) {
    this.#plan = plan
    this.#history = history
    this.#codec = codec
    // Nothing expires: its time is the past.
    this.#store = new MemoryStore({
      maxEntries: MOST_ENTRIES,
      nowMs: () => 0,
      evicted: { add: (count = 1) => void (this.#evicted += count) },
    })
    const deps = { codec, membership: this.read(), log: SILENT_LOGGER, metrics: this.#metrics, clock: SYSTEM_CLOCK }
    this.#runner = new FunctionRunner(membershipFunction(codec), deps, {})
  }

  /** Container and process events that could not be read or are gone, and memberships that had no room. */
  get unread(): number {
    return this.#damaged + this.#evicted
  }

  /** Reads the container events, from the beginning. */
  async load(signal: AbortSignal): Promise<void> {
    this.#damaged = 0
    const { fromMs } = this.#plan
    const { slices } = await this.#planned('container', 0)
    // The facts of every container are in the topic again each hour: what is gone before that is no loss.
    const { partitions } = await this.#planned('container', Math.max(0, fromMs - FACTS_AGAIN_MS))
    this.#countMissing(partitions)
    await this.#learn(slices, signal)
  }

  /**
   * Reads the process events of hosts: they name the container of a process whose cgroup is unknown, or has a name that somebody chose.
   * @returns true if there was something to read
   */
  async loadProcesses(hostIds: readonly string[], signal: AbortSignal): Promise<boolean> {
    const keys = hostIds.filter((hostId) => !this.#processesOf.has(hostId))
    if (keys.length === 0) return false
    const { slices, partitions } = await this.#planned('process', Math.max(0, this.#plan.fromMs - TOPICS.pending.retentionMs))
    this.#countMissing(partitions)
    await this.#learn(
      slices.map((slice) => ({ ...slice, keys })),
      signal,
    )
    for (const key of keys) this.#processesOf.add(key)
    return true
  }

  /** A view of what is known now, with a cache of its own. */
  read(): Membership {
    return new Membership(this.#store, valueReader(this.#codec), this.#metrics, SILENT_LOGGER, { maxEntries: NEAR_ENTRIES })
  }

  /** Facts may come as late as live detection waits for them. */
  async #planned(topic: 'container' | 'process', fromMs: number): Promise<HistoryPlan> {
    const { keys, knownMs, prefer } = this.#plan
    return await this.#history.plan({ topics: [topic], fromMs, toMs: knownMs, prefer, ...(keys !== null && { keys }) })
  }

  #countMissing(partitions: HistoryPlan['partitions']): void {
    for (const { offsets } of partitions.flatMap(({ missing }) => missing)) this.#damaged += offsets[1] - offsets[0]
  }

  async #learn(slices: readonly Slice[], signal: AbortSignal): Promise<void> {
    for (const slice of slices) {
      const onDamaged = ({ offsets: [from, to] }: DamagedRecords): void => void (this.#damaged += to - from)
      for await (const batch of this.#history.read(slice, { signal, onDamaged })) {
        await this.#runner.handleWhole(batch, signal)
      }
    }
  }
}
