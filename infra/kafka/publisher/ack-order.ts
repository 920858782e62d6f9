// Turns acknowledgements of batches, which come in any order from several partitions, into one growing mark per topic: everything appended up
// to it is safe. Exact in records too, so that the ledger's sum closes.

/** State of one batch from its first record on. */
export interface AckTicket {
  /** Last mark appended to the topic before this batch was begun; -1 for none. */
  readonly previousMark: number
  /** Records appended to the topic before this batch was begun. */
  readonly previousCount: number
  /** Parts that are not settled yet: one, or more when the batch was divided. */
  openParts: number
}

/** Receives the progress of one topic. */
export interface AckOrderListener {
  /** Everything up to `mark` is settled, `records` more than the last time (lost ones not counted). */
  onProgress(mark: number, records: number): void
  /** `records` are given up; the last of the batch that they were appended with has `mark`. */
  onLost(mark: number, records: number, reason: string): void
}

/** The unsettled batches of one topic, oldest first. */
export class AckOrder {
  readonly #listener: AckOrderListener
  #tickets: AckTicket[] = []
  #appended = 0
  #lastMark = -1
  #settled = 0
  #reported = 0
  /** Lost records in the part that was not reported yet. */
  #lost = 0

  #isEnded = false

  constructor(listener: AckOrderListener) {
    this.#listener = listener
  }

  /** Records appended so far. */
  get appended(): number {
    return this.#appended
  }

  /** Records before the first one that is neither acknowledged nor lost. */
  get safe(): number {
    return this.#reported
  }

  /** A batch is begun: called before its first record is counted. */
  begin(): AckTicket {
    const ticket = { previousMark: this.#lastMark, previousCount: this.#appended, openParts: 1 }
    this.#tickets.push(ticket)
    return ticket
  }

  /** Counts records that end at `mark`. */
  append(mark: number, records = 1): void {
    this.#appended += records
    this.#lastMark = mark
  }

  /** A batch, or a part of one, goes on in two parts. */
  divide(ticket: AckTicket): void {
    ticket.openParts++
  }

  /** A batch (or part) of `records` is acknowledged. */
  settle(ticket: AckTicket, records: number): void {
    if (ticket.openParts === 0 || this.#isEnded) return
    ticket.openParts--
    this.#settled += records
    this.#report()
  }

  /** A batch (or part) of `records` is given up. */
  lose(ticket: AckTicket, records: number, mark: number, reason: string): void {
    if (ticket.openParts === 0 || this.#isEnded) return
    this.#lost += records
    this.#listener.onLost(mark, records, reason)
    this.settle(ticket, records)
  }

  /** Reports whatever is not settled as lost; nothing is reported after it. */
  loseRest(reason: string): void {
    const left = this.#appended - this.#settled
    if (left > 0 && !this.#isEnded) this.#listener.onLost(this.#lastMark, left, reason)
    this.#isEnded = true
  }

  #report(): void {
    let settled = 0
    while (this.#tickets[settled]?.openParts === 0) settled++
    if (settled > 0) this.#tickets.splice(0, settled)
    const oldest = this.#tickets[0]
    const safe = oldest === undefined ? this.#appended : oldest.previousCount
    if (safe <= this.#reported) return
    const lost = Math.min(this.#lost, safe - this.#reported)
    const fresh = safe - this.#reported - lost
    this.#lost -= lost
    this.#reported = safe
    if (fresh > 0) this.#listener.onProgress(oldest === undefined ? this.#lastMark : oldest.previousMark, fresh)
  }
}
