// The appender of a collector with a spool: one lane per topic before the log. It works before the log is connected, and bounds only the memory.
import type { BodyAppender, BodyLog } from '../../infra/topic-log/body-appender.js'
import { type AppendRecord, LogFullError, type TopicAppender } from '../../infra/topic-log/topic-log.js'
import { TOPIC_KEYS, type TopicKey } from '../../infra/topic-log/topics.js'
import { within } from '../../infra/waiting/clock.js'
import { Waiters } from '../../infra/waiting/waiters.js'
import { SpoolLane, type LaneContext } from './spool-lane.js'
import type { SpoolListener } from './spool-listener.js'
import type { Spool } from './spool.js'

const TICK_MS = 100
const OUTAGE_MS = 1000
const BLOCK_BYTES = 256 << 10
const WINDOW_BYTES = 2 << 20
const MEMORY_BYTES = 16 << 20
const DEFAULT_DRAIN_MS = 5_000
/** Time at the end for blocks in flight. */
const END_MS = 500

/** Options. */
export interface SpooledAppenderOptions {
  /** Time without an acknowledgement before records go to the disk, milliseconds. Default 1 s; longer spares the disk and uses more memory. */
  readonly outageMs?: number
  /** Size at which a block is complete; at most the batch limit of the topics. Default 256 KiB. */
  readonly blockBytes?: number
  /** Most bytes in flight from the spool per topic. Default 2 MiB. */
  readonly windowBytes?: number
  /** Most bytes in memory while the disk fails; at most half of the log's bound. Default 16 MiB. */
  readonly memoryBytes?: number
}

/** Dependencies. */
export interface SpooledAppenderDeps {
  readonly topicLog: BodyLog
  readonly spool: Spool
  readonly listener: SpoolListener
  /** Key of all records. */
  readonly key: Uint8Array
}

export class SpooledAppender implements TopicAppender {
  readonly #options: Required<SpooledAppenderOptions>
  readonly #spool: Spool
  readonly #lanes: ReadonlyMap<TopicKey, SpoolLane>
  readonly #timer: NodeJS.Timeout
  #appender: BodyAppender | null = null
  #failure: { readonly error: unknown } | null = null
  /** The log reported that it is full. */
  #isLogFull = false
  /** Bytes in memory that the disk has not taken. */
  #waitingBytes = 0
  readonly #waiters = new Waiters()
  #closing: Promise<void> | null = null

  private constructor(deps: SpooledAppenderDeps, appender: BodyAppender | null, options: SpooledAppenderOptions) {
    this.#options = { outageMs: OUTAGE_MS, blockBytes: BLOCK_BYTES, windowBytes: WINDOW_BYTES, memoryBytes: MEMORY_BYTES, ...options }
    this.#spool = deps.spool
    this.#appender = appender
    const { spool, listener, key } = deps
    spool.onDrop = (topic, accounts, isInherited) => listener.onUnspooled(topic, accounts, 'droppedSpool', isInherited)
    const { blockBytes, windowBytes } = this.#options
    const context: LaneContext = { spool, listener, key, appender: () => this.#appender, blockBytes, windowBytes, ...this.#logRoom() }
    this.#lanes = new Map(TOPIC_KEYS.map((topic) => [topic, new SpoolLane(topic, context)]))
    this.#timer = setInterval(() => this.tick(), TICK_MS)
  }

  /**
   * Resolves as soon as the log is connected, or after `outageMs`: then records go to the spool until it is.
   * @throws errors of the log's appender in that time
   */
  static async open(deps: SpooledAppenderDeps, options: SpooledAppenderOptions = {}): Promise<SpooledAppender> {
    let opened: SpooledAppender | null = null
    const settled = (topic: TopicKey, mark: number, records: number, reason: string | null): void => {
      if (opened !== null) opened.#settled(topic, mark, records, reason)
    }
    const connecting = deps.topicLog.appender(
      (topic, mark, records) => settled(topic, mark, records, null),
      (topic, mark, records, reason) => settled(topic, mark, records, reason),
    )
    const log = (await within(options.outageMs ?? OUTAGE_MS, connecting)) ? await connecting : null
    const appender = (opened = new SpooledAppender(deps, log, options))
    if (log === null)
      connecting.then(
        (late) => appender.#connected(late),
        (error: unknown) => appender.#fail(error),
      )
    else appender.tick()
    return appender
  }

  get bufferedBytes(): number {
    return (this.#appender?.bufferedBytes ?? 0) + this.#waitingBytes
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#appender?.counters ?? {}
  }

  get clockOffsetMs(): number | null {
    return this.#appender?.clockOffsetMs ?? null
  }

  append(record: AppendRecord): boolean {
    if (this.#waitingBytes >= 2 * this.#options.memoryBytes || this.#closing !== null) this.#refuse()
    const hasRoom = this.#lane(record.topic).append(record)
    return hasRoom && this.#waitingBytes < this.#options.memoryBytes && this.#failure === null
  }

  async drained(): Promise<void> {
    await this.#waitFor(
      () => ![...this.#lanes.values()].some(({ isStuck }) => isStuck) && this.#waitingBytes <= this.#options.memoryBytes / 2,
    )
  }

  /** Resolves when all appended records are in the log or in the spool. */
  async flush(): Promise<void> {
    const targets = [...this.#lanes.values()].map((lane) => ({ lane, count: lane.appended }))
    for (const { lane } of targets) if (!lane.isDirect) lane.seal()
    this.#appender?.flush().catch(() => undefined)
    await this.#waitFor(() => targets.every(({ lane, count }) => lane.safe >= count))
  }

  async close(drainMs = DEFAULT_DRAIN_MS): Promise<void> {
    this.#closing ??= this.#end(drainMs)
    await this.#closing
  }

  async #end(drainMs: number): Promise<void> {
    const until = performance.now() + drainMs
    await within(drainMs, this.flush()).catch(() => undefined)
    clearInterval(this.#timer)
    for (const lane of this.#lanes.values()) {
      lane.intoSpool()
      lane.seal()
      lane.end()
    }
    await this.#appender?.close(drainMs === 0 ? 0 : Math.min(END_MS, Math.max(0, until - performance.now())))
    for (const lane of this.#lanes.values()) lane.giveUp('neither the log nor the spool took it before the end')
    this.#fail(new LogFullError('the appender has ended'))
    await this.#spool.close()
  }

  #refuse(): never {
    const details = { waitingBytes: this.#waitingBytes }
    throw new LogFullError('the spool takes no records and memory is full: wait for drained()', { details })
  }

  #lane(topic: TopicKey): SpoolLane {
    const lane = this.#lanes.get(topic)
    if (lane === undefined) throw new TypeError(`unknown topic ${topic}`)
    return lane
  }

  #connected(appender: BodyAppender): void {
    if (this.#closing !== null) {
      void appender.close(0)
      return
    }
    this.#appender = appender
    this.tick()
  }

  #fail(error: unknown): void {
    this.#failure ??= { error }
    this.#wake()
  }

  #settled(topic: TopicKey, mark: number, records: number, lossReason: string | null): void {
    this.#lane(topic).settled(mark, records, lossReason)
    this.#wake()
  }

  /** Runs the periodic work of the lanes and the spool. A timer calls it every 100 ms. */
  tick(): void {
    for (const lane of this.#lanes.values()) lane.tick(this.#options.outageMs)
    this.#spool.tick()
    this.#wake()
  }

  #logRoom(): Pick<LaneContext, 'onLogFull' | 'isLogFull' | 'onWaiting'> {
    return {
      onLogFull: () => this.#waitForLog(),
      isLogFull: () => this.#isLogFull,
      onWaiting: (bytes) => (this.#waitingBytes += bytes),
    }
  }

  #waitForLog(): void {
    if (this.#isLogFull || this.#appender === null) return
    this.#isLogFull = true
    this.#appender.drained().then(
      () => {
        this.#isLogFull = false
        for (const lane of this.#lanes.values()) {
          lane.isStuck = false
          lane.pump()
        }
        this.#wake()
      },
      (error: unknown) => this.#fail(error),
    )
  }

  async #waitFor(isDone: () => boolean): Promise<void> {
    if (this.#failure !== null) throw this.#failure.error
    await this.#waiters.until(isDone)
  }

  #wake(): void {
    this.#waiters.wake(this.#failure?.error)
  }
}
