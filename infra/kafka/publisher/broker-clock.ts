// The brokers' time, as answers to records of a LogAppendTime topic (heartbeats) carry it, and the latest time that a record may have by it.
// Kafka removes a segment by the latest time in it: one record of a host whose clock is a year ahead would keep a segment for a year.
import type { Logger } from '../../process/logger.js'
import { MAX_AHEAD_MS } from '../../topic-log/topics.js'

/** Broker time between two answers. It runs on by the monotonic clock, because a step of the wall clock is what it must detect. */
export class BrokerClock {
  readonly #log: Logger
  /** Broker time minus monotonic time, milliseconds. */
  #base: number | null = null
  #offsetMs: number | null = null
  #isWarned = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Wall clock of this machine minus that of the brokers, milliseconds, by the last answer; null before the first. */
  get offsetMs(): number | null {
    return this.#offsetMs
  }

  /** Latest time that a record may have now, Unix milliseconds; Infinity while broker time is not known. */
  latestMs(): number {
    return this.#base === null ? Infinity : Math.floor(this.#base + performance.now()) + MAX_AHEAD_MS
  }

  /**
   * An answer came. The broker appended between the sending and the answer, so the middle is at most half a round trip off.
   * @param appendedMs broker time of the append, Unix milliseconds
   * @param sentAt monotonic time of the sending, milliseconds
   */
  answered(appendedMs: number, sentAt: number): void {
    const now = performance.now()
    const middle = (sentAt + now) / 2
    this.#base = appendedMs - middle
    this.#offsetMs = Math.round(Date.now() - (now - middle) - appendedMs)
    if (this.#offsetMs <= MAX_AHEAD_MS) this.#isWarned = false
  }

  /** Records got an earlier time. Warns once for each time that the clock goes wrong. */
  clamped(): void {
    if (this.#isWarned) return
    this.#isWarned = true
    this.#log.warn(
      { offsetMs: this.#offsetMs, maxAheadMs: MAX_AHEAD_MS },
      'the clock of this host is ahead of the Kafka brokers: records get an earlier Kafka timestamp, events keep their own time; check NTP',
    )
  }
}
