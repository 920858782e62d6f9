// The brokers' time, as answers to records of a LogAppendTime topic (heartbeats) carry it, and the latest time that a record may have by it.
// Kafka removes a segment by the latest time in it: one record of a host whose clock is a year ahead would keep a segment for a year.
import type { Logger } from '../../process/logger.js'
import { MAX_AHEAD_MS } from '../../topic-log/topics.js'

/** Refusals of one batch for its times, without broker time, after which the host's own clock counts: half a minute or more. */
const MOST_REFUSALS = 20
/** The wall clock went this much further than the monotonic one, milliseconds: the machine was suspended, or its clock stepped. */
const SUSPEND_MS = 60_000

/** Broker time between two answers. It runs on by the monotonic clock, because a step of the wall clock is what it must detect. */
export class BrokerClock {
  readonly #log: Logger
  /** Broker time minus monotonic time, milliseconds. */
  #base: number | null = null
  #offsetMs: number | null = null
  /** Wall clock minus monotonic time at the last answer, milliseconds. */
  #wallBase = 0
  #isWarned = false
  /** Nothing reports broker time: the host's own clock counts. */
  #isGivenUp = false

  constructor(log: Logger) {
    this.#log = log
  }

  /** Wall clock of this machine minus that of the brokers, milliseconds, by the last answer; null before the first. */
  get offsetMs(): number | null {
    return this.#offsetMs
  }

  /** False while an answer with broker time can still come. */
  get isSettled(): boolean {
    return this.#base !== null || this.#isGivenUp
  }

  /** Latest time that a record may have now, Unix milliseconds; Infinity while broker time can still come. */
  latestMs(): number {
    this.#forgetAfterSuspend()
    if (this.#base === null) return this.#isGivenUp ? Date.now() + MAX_AHEAD_MS : Infinity
    return Math.floor(this.#base + performance.now()) + MAX_AHEAD_MS
  }

  /** The time that later records get: without broker time that of the host, which is closest to what the broker takes. */
  clampToMs(): number {
    const latestMs = this.latestMs()
    return this.#base === null && this.#isGivenUp ? Date.now() : latestMs
  }

  /** The topic of heartbeats has no LogAppendTime: no answer will carry broker time. */
  unknowable(): void {
    if (this.isSettled) return
    this.#isGivenUp = true
    this.#log.warn(
      { maxAheadMs: MAX_AHEAD_MS },
      'Kafka does not report its time: records are limited to the time of this host; set message.timestamp.type=LogAppendTime for eunomia.host.v1',
    )
  }

  /** @param refusals of one batch for its times so far */
  refused(refusals: number): void {
    if (refusals >= MOST_REFUSALS) this.unknowable()
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
    this.#wallBase = Date.now() - now
    this.#isGivenUp = false
    this.#offsetMs = Math.round(Date.now() - (now - middle) - appendedMs)
    if (this.#offsetMs <= MAX_AHEAD_MS) this.#isWarned = false
  }

  /** Records got an earlier time. Warns once for each time that the clock goes wrong. */
  clamped(): void {
    if (this.#isWarned || this.#base === null) return
    this.#isWarned = true
    this.#log.warn(
      { offsetMs: this.#offsetMs, maxAheadMs: MAX_AHEAD_MS },
      'the clock of this host is ahead of the Kafka brokers: records get an earlier Kafka timestamp, events keep their own time; check NTP',
    )
  }

  /** The monotonic clock stops while the machine is suspended: what was computed from it is too early until the next answer. */
  #forgetAfterSuspend(): void {
    if (this.#base === null || Date.now() - performance.now() - this.#wallBase <= SUSPEND_MS) return
    this.#base = null
    this.#offsetMs = null
  }
}
