// What one lane has finished and not committed yet. While a transaction with outputs of the lane is under way, the lane goes on, and the next
// transaction takes everything that it finished meanwhile, in order: a lane waits for no single transaction, and needs none for each batch.
import { Waiters } from '../../waiting/waiters.js'
import { mergedOutputs, type Outputs } from './output-batches.js'

/** Bytes of outputs from which a lane waits for the transaction that is under way. */
const MOST_BYTES = 1_000_000
/** Parts from which it does: after a crash, all of them are handled again. */
const MOST_PARTS = 16

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
  /** A commit was given up: nothing that follows it may be committed. */
  #isOver = false

  constructor(lane: LaneCommit) {
    this.#lane = lane
  }

  /** The first record that is not committed, while a transaction is under way. */
  get first(): UnfinishedRecord | undefined {
    return this.#underWay?.first
  }

  /** Commits a part after those before it. */
  add(part: FinishedPart): void {
    if (this.#isOver) return
    this.#waiting = [...this.#waiting, part]
    if (this.#underWay === undefined) void this.#commitAll()
  }

  /** Resolves when the lane may finish more. */
  async room(): Promise<void> {
    await this.#changes.until(() => {
      const bytes = this.#waiting.reduce((sum, { outputBytes }) => sum + outputBytes, 0)
      return this.#isOver || (this.#waiting.length < MOST_PARTS && bytes < MOST_BYTES)
    })
  }

  /** Resolves when all is committed, or given up. */
  async done(): Promise<void> {
    await this.#changes.until(() => this.#underWay === undefined)
  }

  async #commitAll(): Promise<void> {
    for (let last = this.#waiting.at(-1); last !== undefined; last = this.#waiting.at(-1)) {
      const parts = this.#waiting
      this.#waiting = []
      this.#underWay = parts[0]
      const outputs = mergedOutputs(parts.map((part) => part.outputs))
      this.#changes.wake()
      if (outputs.size === 0) this.#lane.finished(last.offset)
      else if (!(await this.#lane.commit(last.offset, outputs))) {
        this.#isOver = true
        this.#waiting = []
      }
    }
    this.#underWay = undefined
    this.#changes.wake()
  }
}
