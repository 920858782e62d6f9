// The trackers of aggregates: started and stopped by settings and by a person, read by intervals. One per collector; the collector says where their
// records go. What neither settings nor a person asked for is not even loaded.
import { messageOf } from '../../infra/errors.js'
import type { Logger } from '../../infra/logger.js'
import type { ProbeState } from '../../native/kernel-session.js'
import type { UsageProgram, UsageTables } from '../../native/usage-tables.js'
import type { UsageFilter } from './usage-filter.js'
import type { UsageTracker } from './usage-reader.js'
import { UsageRun, type UsageSink } from './usage-run.js'

/** What can be changed while they run. */
export interface UsageSettings {
  /** Time between two readings, milliseconds. */
  readonly intervalMs: number
  readonly filter: UsageFilter
}

/** What they are made of. */
export interface UsageTrackersDeps {
  readonly trackers: readonly UsageTracker[]
  /** Loads a program. @throws ProbeUnavailableError */
  readonly open: (program: UsageProgram, entries: Readonly<Record<string, number>>) => UsageTables
  readonly settings: UsageSettings
  /** Most entries of a table of the kernel. */
  readonly maxEntries: number
  /** Most aggregates of one type and interval that are told one by one. */
  readonly top: number
  readonly log: Logger
}

/** A tracker and how it is. */
export interface UsageTrackerState {
  readonly name: string
  readonly description: string
  readonly isOn: boolean
  /** Why it is not on although it was asked for; null otherwise. */
  readonly problem: string | null
  /** Records since it was started, and aggregates that were left out by the filter. */
  readonly records: number
  readonly filtered: number
}

/** See above. */
export class UsageTrackers {
  readonly #deps: UsageTrackersDeps
  readonly #loaded = new Map<string, UsageTables>()
  readonly #runs = new Map<string, UsageRun>()
  readonly #problems = new Map<string, string>()
  /** Those to be started as soon as there is a collector. */
  readonly #wanted = new Set<string>()
  #settings: UsageSettings
  #sink: UsageSink | null = null
  #timer: NodeJS.Timeout | null = null
  #isDue = false
  /** Rounds, starts and stops come one behind the other. */
  #work: Promise<void> = Promise.resolve()

  /**
   * Loads programs: later the process may lack the rights for it. What can't be loaded is told.
   * @param started names of those that are on from the beginning
   * @param ready names of those that are loaded and not started
   */
  constructor(deps: UsageTrackersDeps, started: readonly string[] = [], ready: readonly string[] = []) {
    this.#deps = deps
    this.#settings = deps.settings
    for (const name of started) this.#wanted.add(name)
    for (const name of new Set([...started, ...ready])) this.#warned(name, () => this.#load(name))
  }

  get settings(): UsageSettings {
    return this.#settings
  }

  /** One of them counts. */
  get isCounting(): boolean {
    return this.#runs.size > 0
  }

  has(name: string): boolean {
    return this.#deps.trackers.some((tracker) => tracker.name === name)
  }

  states(): readonly UsageTrackerState[] {
    return this.#deps.trackers.map(({ name, description }) => {
      const { records = 0, filtered = 0 } = this.#runs.get(name)?.counts ?? {}
      return { name, description, isOn: this.#runs.has(name), problem: this.#problems.get(name) ?? null, records, filtered }
    })
  }

  /** A collector runs: what is wanted is started. What can't be is told. */
  attach(sink: UsageSink): void {
    this.#sink = sink
    for (const name of this.#wanted) if (this.#loaded.has(name)) this.#warned(name, () => this.#begin(name))
  }

  /** @throws ProbeUnavailableError when the kernel can't run it */
  start(name: string): void {
    this.#wanted.add(name)
    if (this.#sink !== null) this.#begin(name)
  }

  /** What was counted until now is told. */
  async stop(name: string): Promise<void> {
    this.#wanted.delete(name)
    this.#problems.delete(name)
    await this.#queue(() => this.#finish(name))
  }

  /** Changes interval and filter, from the next reading on. */
  change(settings: Partial<UsageSettings>): void {
    this.#settings = { ...this.#settings, ...settings }
    this.#setTimer()
  }

  /** A cgroup is gone. */
  cgroupRemoved(cgroupId: bigint, isV1: boolean): void {
    for (const run of this.#runs.values()) run.cgroupRemoved(cgroupId, isV1)
  }

  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>> {
    const counters: Record<string, number> = { 'usage.endedForgotten': this.#sink?.facts.endedForgotten ?? 0 }
    return Object.assign(counters, ...[...this.#runs.values()].map((run) => run.counters())) as Record<string, number>
  }

  /** Programs that were asked for, as probes of the heartbeat. */
  probes(): readonly ProbeState[] {
    return this.#deps.trackers.flatMap(({ name, program }) => {
      const error = this.#problems.get(name) ?? null
      const isAttached = this.#runs.has(name)
      return isAttached || error !== null ? [{ name: `usage_${program}`, isAttached, error }] : []
    })
  }

  /** A last reading, and the end of all. */
  async end(): Promise<void> {
    for (const name of [...this.#runs.keys()]) await this.#queue(() => this.#finish(name))
    this.close()
  }

  /** The end of all without a reading. */
  close(): void {
    for (const tables of this.#loaded.values()) tables.close()
    this.#loaded.clear()
    this.#runs.clear()
    this.#sink = null
    this.#setTimer()
  }

  #warned(name: string, work: () => void): void {
    try {
      work()
    } catch (error) {
      this.#deps.log.warn({ err: error, tracker: name }, 'a tracker of aggregates can not run here')
    }
  }

  #load(name: string): void {
    const tracker = this.#deps.trackers.find((one) => one.name === name)
    if (tracker === undefined || this.#loaded.has(name)) return
    try {
      this.#loaded.set(name, this.#deps.open(tracker.program, tracker.entries(this.#deps.maxEntries)))
      this.#problems.delete(name)
    } catch (error) {
      this.#problems.set(name, messageOf(error))
      throw error
    }
  }

  #begin(name: string): void {
    this.#load(name)
    const tracker = this.#deps.trackers.find((one) => one.name === name)
    const tables = this.#loaded.get(name)
    if (tracker === undefined || tables === undefined || this.#sink === null || this.#runs.has(name)) return
    tables.attach()
    this.#runs.set(name, new UsageRun(tracker, tables, this.#sink))
    this.#setTimer()
  }

  /** The program stays loaded: it may be started again, and costs nothing while it is not. */
  async #finish(name: string): Promise<void> {
    const run = this.#runs.get(name)
    if (run === undefined) return
    this.#loaded.get(name)?.detach()
    await this.#round(name, run)
    this.#runs.delete(name)
    this.#setTimer()
  }

  #setTimer(): void {
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = this.#runs.size === 0 ? null : setInterval(() => this.#due(), this.#settings.intervalMs)
  }

  /** A reading that lasts longer than the interval, or that is put off, makes the next one longer: its record says so. */
  #due(): void {
    if (this.#isDue || this.#sink?.mayRead?.() === false) return
    this.#isDue = true
    void this.#queue(() => this.#roundOfAll())
  }

  async #roundOfAll(): Promise<void> {
    this.#isDue = false
    for (const [name, run] of [...this.#runs]) await this.#round(name, run)
    this.#sink?.facts.endInterval()
  }

  async #round(name: string, run: UsageRun): Promise<void> {
    try {
      await run.round({ top: this.#deps.top, filter: this.#settings.filter })
    } catch (error) {
      this.#deps.log.error({ err: error, tracker: name }, 'a tracker of aggregates failed and is stopped')
      this.#problems.set(name, messageOf(error))
      this.#loaded.get(name)?.close()
      this.#loaded.delete(name)
      this.#runs.delete(name)
    }
  }

  #queue(work: () => Promise<void>): Promise<void> {
    return (this.#work = this.#work.then(work, work))
  }
}
