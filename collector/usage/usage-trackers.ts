// The trackers of aggregates: started and stopped by settings and by a user, read at intervals. One per collector, which passes the sink of their
// records. A tracker that neither settings nor a user requested is not loaded.
import { messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { ProbeState, UsageProgram, UsageTables } from '../../native/addon.js'
import { NOTHING_CUMULATED, UsageCounts, type Cumulated, UsageRun, type UsageSink } from './usage-run.js'
import type { UsageReader, UsageTracker } from './usage-reader.js'
import type { UsageChange, UsageSettings } from './usage-settings.js'

/** Dependencies. */
export interface UsageTrackersDeps {
  readonly trackers: readonly UsageTracker[]
  /** Loads a program. @throws ProbeUnavailableError */
  readonly open: (program: UsageProgram, entries: Readonly<Record<string, number>>) => UsageTables
  /** Initial settings. */
  readonly settings: UsageSettings
  /** Most entries of a table of the kernel. */
  readonly maxEntries: number
  /** Most aggregates of one type and interval that are published individually. */
  readonly top: number
  /** The v1 hierarchy whose cgroups the programs report: pids, or memory where pids is not on v1; null for none. */
  readonly v1HierarchyId: number | null
  readonly log: Logger
}

/** A tracker and its state. */
export interface UsageTrackerState {
  readonly name: string
  readonly description: string
  readonly isOn: boolean
  /** What switched it last. */
  readonly cause: 'settings' | 'person'
  /** Why it is off although it was requested; null otherwise. */
  readonly problem: string | null
  /** Records, and aggregates suppressed by the filter, over all runs. */
  readonly records: number
  readonly filtered: number
}

/** Starts, stops and reads the trackers. */
export class UsageTrackers {
  readonly #deps: UsageTrackersDeps
  readonly #loaded = new Map<string, UsageTables>()
  readonly #runs = new Map<string, UsageRun>()
  /** Of trackers that were started before. */
  readonly #counts = new Map<string, UsageCounts>()
  readonly #problems = new Map<string, string>()
  /** Used tables, which may hold entries of an earlier run. */
  readonly #used = new WeakSet<UsageTables>()
  readonly #byPerson = new Set<string>()
  /** Trackers to start as soon as a collector attaches. */
  readonly #wanted = new Set<string>()
  #settings: UsageSettings
  #sink: UsageSink | null = null
  #timer: NodeJS.Timeout | null = null
  #isDue = false
  /** Serializes rounds, starts and stops. */
  #work: Promise<void> = Promise.resolve()

  /**
   * Loads programs now, because the process may drop its privileges later. Failures are logged.
   * @param started names of trackers that are on from the beginning
   * @param ready names of trackers that are loaded and not started
   */
  constructor(deps: UsageTrackersDeps, started: readonly string[] = [], ready: readonly string[] = []) {
    this.#deps = deps
    this.#settings = deps.settings
    for (const name of started) this.#wanted.add(name)
    for (const name of new Set([...started, ...ready])) {
      try {
        this.#load(name)
      } catch (error) {
        this.#warn(name, error)
      }
    }
  }

  /** At least one tracker runs. */
  get isCounting(): boolean {
    return this.#runs.size > 0
  }

  /** What is in force. */
  get settings(): UsageSettings {
    return this.#settings
  }

  has(name: string): boolean {
    return this.#deps.trackers.some((tracker) => tracker.name === name)
  }

  states(): readonly UsageTrackerState[] {
    return this.#deps.trackers.map(({ name, description }) => {
      const { records = 0, filtered = 0 } = this.#counts.get(name) ?? {}
      const cause = this.#byPerson.has(name) ? 'person' : 'settings'
      return { name, description, isOn: this.#runs.has(name), cause, problem: this.#problems.get(name) ?? null, records, filtered }
    })
  }

  /** Attaches a running collector and starts the wanted trackers. Failures are logged. */
  attach(sink: UsageSink): void {
    this.#sink = sink
    const wanted = [...this.#wanted].filter((name) => this.#loaded.has(name))
    for (const name of wanted) void this.#queue(() => this.#begin(name)).catch((error: unknown) => this.#warn(name, error))
  }

  /** @throws ProbeUnavailableError when the kernel can't run it */
  async start(name: string): Promise<void> {
    this.#byPerson.add(name)
    this.#wanted.add(name)
    await this.#queue(() => this.#begin(name))
  }

  /** Publishes the counts so far, then stops. */
  async stop(name: string): Promise<void> {
    this.#byPerson.add(name)
    this.#wanted.delete(name)
    this.#problems.delete(name)
    await this.#queue(() => this.#finish(name))
  }

  /** Ends the current interval by the old settings. The new ones apply from then on. */
  async change(change: UsageChange): Promise<void> {
    await this.#queue(async () => {
      await this.#roundOfAll()
      this.#settings = { ...this.#settings, ...change }
      this.#setTimer()
    })
  }

  /** A cgroup was removed. Ids are unique only within a hierarchy: other v1 hierarchies are ignored. */
  cgroupRemoved(cgroupId: bigint, hierarchyId: number): void {
    if (hierarchyId !== 0 && hierarchyId !== this.#deps.v1HierarchyId) return
    for (const run of this.#runs.values()) run.cgroupRemoved(cgroupId, hierarchyId !== 0)
  }

  /** For the heartbeat. */
  counters(): Readonly<Record<string, number>> {
    const counters: Record<string, number> = { 'usage.endedForgotten': this.#sink?.facts.endedForgotten ?? 0 }
    for (const tracker of this.#deps.trackers) Object.assign(counters, this.#counts.get(tracker.name)?.counters(tracker))
    return counters
  }

  /** Requested programs, as probes of the heartbeat. */
  probes(): readonly ProbeState[] {
    return this.#deps.trackers.flatMap(({ name, program }) => {
      const error = this.#problems.get(name) ?? null
      const isAttached = this.#runs.has(name)
      return isAttached || error !== null ? [{ name: `usage_${program}`, isAttached, error }] : []
    })
  }

  /** Reads a last time and closes everything. */
  async end(): Promise<void> {
    // Including trackers whose start is pending.
    for (const { name } of this.#deps.trackers) await this.#queue(() => this.#finish(name))
    this.close()
  }

  /** Closes everything without a reading. */
  close(): void {
    for (const tables of this.#loaded.values()) tables.close()
    this.#loaded.clear()
    this.#runs.clear()
    this.#sink = null
    this.#setTimer()
  }

  #warn(name: string, error: unknown): void {
    this.#deps.log.warn({ err: error, tracker: name }, 'a tracker of aggregates can not start')
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

  /** Does nothing before a collector attaches and after it ends. */
  async #begin(name: string): Promise<void> {
    if (this.#sink === null) return
    this.#load(name)
    const tracker = this.#deps.trackers.find((one) => one.name === name)
    const tables = this.#loaded.get(name)
    if (tracker === undefined || tables === undefined || this.#runs.has(name)) return
    try {
      await this.#run(tracker, tables)
      this.#problems.delete(name)
    } catch (error) {
      tables.detach()
      this.#problems.set(name, messageOf(error))
      throw error
    }
  }

  async #run(tracker: UsageTracker, tables: UsageTables): Promise<void> {
    const { name } = tracker
    const reader = tracker.reader()
    const baseline = await this.#emptied(tables, reader)
    const sink = this.#sink
    if (sink === null || this.#loaded.get(name) !== tables) return
    tables.attach()
    this.#used.add(tables)
    const counts = this.#counts.get(name) ?? new UsageCounts()
    this.#counts.set(name, counts)
    this.#runs.set(name, new UsageRun({ tables, reader, sink, counts, baseline }))
    this.#setTimer()
  }

  /** Removes entries of an earlier run. @returns the counters so far */
  async #emptied(tables: UsageTables, reader: UsageReader): Promise<Cumulated> {
    if (!this.#used.has(tables)) return NOTHING_CUMULATED
    const reading = await tables.turn()
    for (const { table, key } of reader.leftovers?.(reading) ?? []) tables.forget(table, key)
    return { overflow: reading.overflow, recursionMisses: reading.recursionMisses }
  }

  /** The program stays loaded: it may be started again, and costs nothing while detached. */
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

  /** A reading that is late or deferred makes the interval longer, as its record shows. */
  #due(): void {
    if (this.#isDue || this.#sink?.mayRead?.() === false) return
    this.#isDue = true
    void this.#queue(() => {
      this.#isDue = false
      return this.#roundOfAll()
    })
  }

  async #roundOfAll(): Promise<void> {
    for (const [name, run] of [...this.#runs]) await this.#round(name, run)
    this.#sink?.facts.endInterval()
  }

  async #round(name: string, run: UsageRun): Promise<void> {
    try {
      await run.round({ top: this.#deps.top, filter: this.#settings })
    } catch (error) {
      const counts = this.#counts.get(name)
      if (counts !== undefined) counts.lostReadings++
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
