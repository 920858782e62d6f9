// Which batches of an answer belong to aborted transactions.

/** An entry in the broker's list of aborted transactions. */
export interface AbortedTransaction {
  readonly producerId: bigint
  /** Offset of the transaction's first record in this partition; may be before the fetched records. */
  readonly firstOffset: number
}

/** Passes over the batches of one answer, in offset order. */
export class AbortedTransactions {
  /** Those that start later, the next one last. */
  readonly #ahead: AbortedTransaction[]
  readonly #open = new Set<bigint>()

  /** @param listed in any order; several may be open at once, as after the crash of a broker */
  constructor(listed: readonly AbortedTransaction[]) {
    this.#ahead = [...listed].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** True if nothing is hidden from here on. */
  get isEmpty(): boolean {
    return this.#open.size === 0 && this.#ahead.length === 0
  }

  /** True if a transactional batch of this producer, which ends at `lastOffset`, belongs to an aborted transaction. */
  hides(producerId: bigint, lastOffset: number): boolean {
    for (let next = this.#ahead.at(-1); next !== undefined && next.firstOffset <= lastOffset; next = this.#ahead.at(-1)) {
      this.#open.add(next.producerId)
      this.#ahead.pop()
    }
    return this.#open.has(producerId)
  }

  /** An abort marker ends the producer's transaction. */
  end(producerId: bigint): void {
    this.#open.delete(producerId)
  }
}
