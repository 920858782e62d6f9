// Broker time, from the answers to records of a LogAppendTime topic (heartbeats), and the latest time that a record may have.
// Kafka removes a segment by the latest time in it: one record from a host whose clock is a year ahead would retain a segment for a year.
import type { Logger } from '../../process/logger.js'
import { MAX_AHEAD_MS } from '../../topic-log/topics.js'

/** After this many refusals of one batch for its times (half a minute or more) without broker time, the clock of the host counts. */
const MOST_REFUSALS = 20
/** If the wall clock gains this much on the monotonic clock, milliseconds, the machine was suspended or its clock was stepped. */
const SUSPEND_MS = 60_000

/** Estimates broker time between two answers with the monotonic clock, because it must detect steps of the wall clock. */
export class BrokerClock {
  readonly #log: Logger
  /** Broker time minus monotonic time, milliseconds. */
  #base: number | null = null
  #offsetMs: number | null = null
  /** Wall clock minus monotonic time at the last answer, milliseconds. */
  #wallBase = 0
  #isWarned = false
  /** No answer carries broker time: the clock of the host counts. */
  #isGivenUp = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Wall clock of this host minus broker time at the last answer, milliseconds; null before the first. */
  get offsetMs(): number | null {
    return this.#offsetMs
  }

  /** False while an answer with broker time may still come. */
  get isSettled(): boolean {
    return this.#base !== null || this.#isGivenUp
  }

  /** Latest time that a record may have now, Unix milliseconds; Infinity while broker time may still come. */
  latestMs(): number {
    this.#forgetAfterSuspend()
    if (this.#base === null) return this.#isGivenUp ? Date.now() + MAX_AHEAD_MS : Infinity
    return Math.floor(this.#base + performance.now()) + MAX_AHEAD_MS
  }

  /** The time that records above `latestMs` get. Without broker time it is the time of the host, the best estimate. */
  clampToMs(): number {
    const latestMs = this.latestMs()
    return this.#base === null && this.#isGivenUp ? Date.now() : latestMs
  }

  /** The heartbeat topic does not use LogAppendTime: no answer will carry broker time. */
  unknowable(): void {
    if (this.isSettled) return
    this.#isGivenUp = true
    this.#log.warn(
      { maxAheadMs: MAX_AHEAD_MS },
      'Kafka does not report its time: records are limited to the time of this host; set message.timestamp.type=LogAppendTime for eunomia.host.v1',
    )
  }

  /** @param refusals how often one batch was refused for its times so far */
  refused(refusals: number): void {
    if (refusals >= MOST_REFUSALS) this.unknowable()
  }

  /**
   * The broker answered. It appended between request and answer, so the middle is off by at most half a round trip.
   * @param appendedMs broker time of the append, Unix milliseconds
   * @param sentAt monotonic time of the request, milliseconds
   */
  answered(appendedMs: number, sentAt: number): void {
    const now = performance.now()
    const middle = (sentAt + now) / 2
    this.#base = appendedMs - middle
    this.#wallBase = Date.now() - now
    this.#isGivenUp = false
    this.#offsetMs = Math.round(Date.now() - (now - middle) - appendedMs)
    if (this.#offsetMs <= MAX_AHEAD_MS) this.#isWarned = false
  }

  /** Records got an earlier time. Warns once per period in which the clock is wrong. */
  clamped(): void {
    if (this.#isWarned || this.#base === null) return
    this.#isWarned = true
    this.#log.warn(
      { offsetMs: this.#offsetMs, maxAheadMs: MAX_AHEAD_MS },
      'the clock of this host is ahead of the Kafka brokers: records get an earlier Kafka timestamp, events keep their own time; check NTP',
    )
  }

  /** The monotonic clock stops while the machine is suspended, so the estimate is too early until the next answer. */
  #forgetAfterSuspend(): void {
    if (this.#base === null || Date.now() - performance.now() - this.#wallBase <= SUSPEND_MS) return
    this.#base = null
    this.#offsetMs = null
  }
}
