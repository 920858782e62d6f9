// Converts acknowledgements of batches, which arrive from several partitions in any order, into one increasing mark per topic: everything
// appended up to it is safe. Record counts are exact as well, so that the sum of the ledger closes.

/** State of one batch. */
export interface AckTicket {
  /** Last mark appended to the topic before this batch began; -1 for none. */
  readonly previousMark: number
  /** Records appended to the topic before this batch began. */
  readonly previousCount: number
  /** Parts that are not settled yet; more than one after the batch was divided. */
  openParts: number
}

/** Receives the progress of one topic. */
export interface AckOrderListener {
  /** Everything up to `mark` is settled: `records` more than last time, without lost ones. */
  onProgress(mark: number, records: number): void
  /** `records` are lost; `mark` is that of the last record in their batch. */
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
  /** Lost records that no progress report has passed yet. */
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

  /** Begins a batch. Call it before its first `append`. */
  begin(): AckTicket {
    const ticket = { previousMark: this.#lastMark, previousCount: this.#appended, openParts: 1 }
    this.#tickets.push(ticket)
    return ticket
  }

  /** Counts records, the last of which has `mark`. */
  append(mark: number, records = 1): void {
    this.#appended += records
    this.#lastMark = mark
  }

  /** A batch, or a part of one, continues as two parts. */
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

  /** A batch (or part) of `records` is lost. */
  lose(ticket: AckTicket, records: number, mark: number, reason: string): void {
    if (ticket.openParts === 0 || this.#isEnded) return
    this.#lost += records
    this.#listener.onLost(mark, records, reason)
    this.settle(ticket, records)
  }

  /** Reports everything unsettled as lost, then nothing more. */
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
