// What one lane has finished and not committed yet. While a transaction with outputs of the lane is under way, the lane goes on, and the next
// transaction takes everything that it finished meanwhile, in order: a lane waits for no single transaction, and needs none for each batch. While it
// is behind, a moment more delays nobody, and it gathers outputs for longer.
import { within } from '../../waiting/clock.js'
import { Waiters } from '../../waiting/waiters.js'
import { mergedOutputs, type Outputs } from './output-batches.js'

/** Bytes of outputs from which a lane waits for the transaction that is under way. */
const MOST_BYTES = 1_000_000
/** Parts from which it does: after a crash, all of them are handled again. */
const MOST_PARTS = 16
/** Shortest time between two transactions of a lane that is behind, milliseconds. */
const GATHER_MS = 100

/** A record that is not finished. */
export interface UnfinishedRecord {
  readonly offset: number
  /** Of its batch, Unix milliseconds; null if it is not known. */
  readonly timestampMs: number | null
}

/** Records that are finished. */
export interface FinishedPart {
  /** Where reading continues after them. */
  readonly offset: number
  readonly outputs: Outputs
  readonly outputBytes: number
  readonly first: UnfinishedRecord
}

/** How a lane commits. */
export interface LaneCommit {
  /** See Committer.commit. */
  commit(offset: number, outputs: Outputs): Promise<boolean>
  /** Records below the offset are finished without outputs. */
  finished(offset: number): void
}

export class LaneCommits {
  readonly #lane: LaneCommit
  readonly #changes = new Waiters()
  #underWay: FinishedPart | undefined
  /** Behind it. */
  #waiting: readonly FinishedPart[] = []
  #isCommitting = false
  /** When a transaction began last, monotonic milliseconds. */
  #begunMs = -Infinity
  #isBehind = false
  #isEnding = false
  /** A commit was given up: nothing that follows it may be committed. */
  #isOver = false

  constructor(lane: LaneCommit) {
    this.#lane = lane
  }

  /** The first record that is not committed. */
  get first(): UnfinishedRecord | undefined {
    return this.#underWay?.first ?? this.#waiting[0]?.first
  }

  /** The lane has records. @param isBehind with more after them in the log */
  reads(isBehind: boolean): void {
    this.#isBehind = isBehind
    if (!isBehind) this.#changes.wake()
  }

  /** Commits a part after those before it. */
  add(part: FinishedPart): void {
    if (this.#isOver) return
    this.#waiting = [...this.#waiting, part]
    if (!this.#hasRoom) this.#changes.wake()
    if (!this.#isCommitting) void this.#commitAll()
  }

  /** Resolves when the lane may finish more. */
  async room(): Promise<void> {
    await this.#changes.until(() => this.#isOver || this.#hasRoom)
  }

  /** Commits what waits, at once. Resolves when all is committed, or given up. */
  async done(): Promise<void> {
    this.#isEnding = true
    this.#changes.wake()
    await this.#changes.until(() => !this.#isCommitting)
  }

  get #hasRoom(): boolean {
    const bytes = this.#waiting.reduce((sum, { outputBytes }) => sum + outputBytes, 0)
    return this.#waiting.length < MOST_PARTS && bytes < MOST_BYTES
  }

  async #commitAll(): Promise<void> {
    this.#isCommitting = true
    while (this.#waiting.length > 0) {
      if (this.#isGathering)
        await within(
          this.#gatherMs,
          this.#changes.until(() => !this.#isGathering),
        )
      const parts = this.#waiting
      const offset = parts.at(-1)?.offset ?? 0
      const outputs = mergedOutputs(parts.map((part) => part.outputs))
      this.#waiting = []
      this.#underWay = parts[0]
      this.#changes.wake()
      if (outputs.size === 0) this.#lane.finished(offset)
      else {
        this.#begunMs = performance.now()
        if (!(await this.#lane.commit(offset, outputs))) {
          this.#isOver = true
          this.#waiting = []
        }
      }
      this.#underWay = undefined
    }
    this.#isCommitting = false
    this.#changes.wake()
  }

  /** Time that is left to gather outputs. */
  get #gatherMs(): number {
    return this.#begunMs + GATHER_MS - performance.now()
  }

  /** More outputs are worth waiting for. */
  get #isGathering(): boolean {
    const isEarly = this.#isBehind && !this.#isEnding && this.#gatherMs > 0
    return isEarly && this.#hasRoom && this.#waiting.some(({ outputs }) => outputs.size > 0)
  }
}
