// Who was in which container: the function `membership` over the container events of a plan, into a store in memory. Its keys carry host and boot, so that
// what is known of a container at the end of a range is what was true of it in the range.
import { SILENT_LOGGER } from '../../../infra/process/logger.js'
import { Metrics } from '../../../infra/process/metrics.js'
import { SYSTEM_CLOCK } from '../../../infra/waiting/clock.js'
import type { Codec } from '../../../schemas/codec.js'
import { membershipFunction } from '../../functions/membership.js'
import { Membership, valueReader } from '../../membership/membership.js'
import { MemoryStore } from '../../membership/memory-store.js'
import { FunctionRunner } from '../../runtime/function-runner.js'
import type { DamagedRecords, History, Slice } from '../history/history.js'
import type { HuntPlan } from './hunt-plan.js'

/** Most entries of each kind: a fleet's containers of a month. */
const MOST_ENTRIES = 1_000_000
const NEAR_ENTRIES = 50_000

/** The membership of one plan. */
export class PastMembership {
  readonly #plan: HuntPlan
  readonly #history: History
  readonly #codec: Codec
  readonly #store: MemoryStore
  readonly #metrics = new Metrics()
  readonly #evicted = this.#metrics.counter('eunomia_membership_store_evicted_total', 'Memberships that left the store in memory').with()
  readonly #runner: FunctionRunner
  /** Hosts whose process events were read. */
  readonly #processesOf = new Set<string>()
  /** Offsets of container and process events that could not be read. */
  damagedRecords = 0

  constructor(plan: HuntPlan, history: History, codec: Codec) {
    this.#plan = plan
    this.#history = history
    this.#codec = codec
    // Nothing expires: its time is the past.
    this.#store = new MemoryStore({ maxEntries: MOST_ENTRIES, nowMs: () => 0, evicted: this.#evicted })
    const deps = { codec, membership: this.read(), log: SILENT_LOGGER, metrics: this.#metrics, clock: SYSTEM_CLOCK }
    this.#runner = new FunctionRunner(membershipFunction(codec), deps, {})
  }

  /** Reads the container events. */
  async load(signal: AbortSignal): Promise<void> {
    await this.#learn(this.#plan.containerSlices, signal)
  }

  /**
   * Reads the process events of hosts: they tell the container of a process whose cgroup is unknown, or is named after a container by somebody.
   * @returns true if there was something to read
   */
  async loadProcesses(hostIds: readonly string[], signal: AbortSignal): Promise<boolean> {
    const keys = hostIds.filter((hostId) => !this.#processesOf.has(hostId))
    if (keys.length === 0) return false
    await this.#learn(
      this.#plan.processSlices.map((slice) => ({ ...slice, keys })),
      signal,
    )
    for (const key of keys) this.#processesOf.add(key)
    return true
  }

  /** A view of what is known now, with a cache of its own. */
  read(): Membership {
    return new Membership(this.#store, valueReader(this.#codec), this.#metrics, SILENT_LOGGER, { maxEntries: NEAR_ENTRIES })
  }

  async #learn(slices: readonly Slice[], signal: AbortSignal): Promise<void> {
    for (const slice of slices) {
      const onDamaged = ({ offsets: [from, to] }: DamagedRecords): void => void (this.damagedRecords += to - from)
      for await (const batch of this.#history.read(slice, { signal, onDamaged })) {
        await this.#runner.handle(batch, signal)
        signal.throwIfAborted()
      }
    }
  }
}
