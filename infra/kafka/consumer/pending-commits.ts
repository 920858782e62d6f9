// Finished offsets that are not committed yet. Batches without outputs need no transaction; their offsets go to the broker a few times a second
// and always before the partitions may go to somebody else.
import { partitionKey } from '../partitions.js'

/** Sends offsets to the group's coordinator. */
export type CommitOffsets = (offsets: readonly { topic: string; partition: number; offset: string }[]) => Promise<void>

interface Finished {
  readonly topic: string
  readonly partition: number
  readonly nextOffset: number
}

/** Offsets of one member's partitions; at most one entry per partition. */
export class PendingCommits {
  readonly #commit: CommitOffsets
  readonly #onFailed: (error: unknown) => void
  readonly #everyMs: number
  readonly #finished = new Map<string, Finished>()
  #timer: NodeJS.Timeout | undefined
  /** Resolves when no commit is under way. */
  #settled: Promise<void> = Promise.resolve()

  /** @param onFailed told of failed commits by the timer; the offsets stay and are tried again with the next ones */
  constructor(commit: CommitOffsets, everyMs: number, onFailed: (error: unknown) => void) {
    this.#commit = commit
    this.#everyMs = everyMs
    this.#onFailed = onFailed
  }

  /** Everything below `nextOffset` is finished. */
  add(topic: string, partition: number, nextOffset: number): void {
    this.#finished.set(partitionKey(topic, partition), { topic, partition, nextOffset })
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.flush().catch(this.#onFailed)
    }, this.#everyMs)
  }

  /**
   * Leaves the offset of a partition to a transaction that is about to begin. Resolves when nothing sent before can overtake it: the group
   * would stand at the older offset then, and whoever takes the partition over would write the outputs again.
   */
  async leave(topic: string, partition: number): Promise<void> {
    this.#finished.delete(partitionKey(topic, partition))
    await this.#settled
  }

  /** Commits what is there. Rejects with what kafkajs throws; then the offsets stay. */
  async flush(): Promise<void> {
    if (this.#finished.size === 0) return
    const sent = [...this.#finished]
    const committed = this.#commit(sent.map(([, { topic, partition, nextOffset }]) => ({ topic, partition, offset: String(nextOffset) })))
    const before = this.#settled
    this.#settled = committed.then(
      () => before,
      () => before,
    )
    await committed
    for (const [key, finished] of sent) if (this.#finished.get(key) === finished) this.#finished.delete(key)
  }

  /** Forgets everything: the partitions may be somebody else's now. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#finished.clear()
  }
}
