// Broker time, from the answers to records of a LogAppendTime topic (heartbeats), and the latest time that a record may have at a broker.
// Kafka removes a segment by the latest time in it: one record from a host whose clock is a year ahead would retain a segment for a year, and
// records limited by a broker whose clock is a year late would be deleted at once. So the clock of a broker counts for this broker alone. For
// another one, clocks count if at least two agree, or if that broker refuses a time.
import type { Logger } from '../../process/logger.js'
import { MAX_AHEAD_MS } from '../../topic-log/topics.js'
import type { PublisherCounters } from './publisher-report.js'

/** After this many refusals of one batch for its times (half a minute or more) without broker time, the clock of the host counts. */
const MOST_REFUSALS = 20
/** If the wall clock gains this much on the monotonic clock, milliseconds, the machine was suspended or its clock was stepped. */
const SUSPEND_MS = 60_000
/** Brokers whose clocks differ by more do not agree, milliseconds. */
const APART_MS = 60_000
/** How long an answer counts, milliseconds. A broker may no longer lead a partition of heartbeats, and its clock may be corrected. */
const MAX_AGE_MS = 3_600_000
/** How long a refusal counts, milliseconds. */
const REFUSAL_MS = 600_000

/** Error of the comparison of two clocks, milliseconds. */
const READING_MS = 1_000

/** A time at a broker. It advances with the monotonic clock, because it must detect steps of the wall clock. */
interface Noted {
  /** The time minus monotonic time, milliseconds. */
  readonly base: number
  /** Monotonic time until which it counts, milliseconds. */
  readonly untilMs: number
}

/** Estimates broker time between two answers, by the id of the broker. */
export class BrokerClock {
  readonly #log: Logger
  readonly #counters: Pick<PublisherCounters, 'brokerClocksApart'>
  /** Broker time of the last answer. */
  readonly #clocks = new Map<number, Noted>()
  /** The earliest time that a broker without an answer refused. */
  readonly #refusals = new Map<number, Noted>()
  /** Wall clock minus monotonic time at the last answer, milliseconds. */
  #wallBase = 0
  #isAheadWarned = false
  #isApartWarned = false
  /** No answer carries broker time: the clock of the host counts. */
  #isGivenUp = false

  constructor(log: Logger, counters: Pick<PublisherCounters, 'brokerClocksApart'>) {
    this.#log = log
    this.#counters = counters
  }

  /** Wall clock of this host minus the median of broker times, milliseconds; null without an answer. */
  get offsetMs(): number | null {
    const bases = this.#bases()
    return bases.length === 0 ? null : Math.round(hostBase() - medianOf(bases))
  }

  /** False while an answer with broker time may still come. */
  get isSettled(): boolean {
    return this.#clocks.size > 0 || this.#isGivenUp
  }

  /** Latest time that a record may have now at a broker, Unix milliseconds; Infinity if that is unknown: then the broker decides. */
  latestMs(broker: number): number {
    this.#forget()
    const base = this.#baseOf(broker)
    if (base !== null) return Math.floor(base + performance.now()) + MAX_AHEAD_MS
    return this.#isGivenUp ? Date.now() + MAX_AHEAD_MS : Infinity
  }

  /** The time that records above `latestMs` get. Without broker time it is the time of the host, the best estimate. */
  clampToMs(broker: number): number {
    const latestMs = this.latestMs(broker)
    return this.#isGivenUp ? Date.now() : latestMs
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

  /**
   * A broker refused a batch for its times.
   * @param refusals of this batch so far
   * @param latestMs its latest time, Unix milliseconds
   */
  refused(broker: number, refusals: number, latestMs: number): void {
    const nowMs = performance.now()
    const base = Math.min(this.#refusals.get(broker)?.base ?? Infinity, latestMs - nowMs)
    this.#refusals.set(broker, { base, untilMs: nowMs + REFUSAL_MS })
    if (refusals >= MOST_REFUSALS) this.unknowable()
  }

  /**
   * The broker answered. It appended between request and answer, so the middle is off by at most half a round trip.
   * @param appendedMs broker time of the append, Unix milliseconds
   * @param sentAt monotonic time of the request, milliseconds
   */
  answered(broker: number, appendedMs: number, sentAt: number): void {
    this.#forget()
    const nowMs = performance.now()
    this.#clocks.set(broker, { base: appendedMs - (sentAt + nowMs) / 2, untilMs: nowMs + MAX_AGE_MS })
    this.#refusals.delete(broker)
    this.#wallBase = hostBase()
    this.#isGivenUp = false
    if (hostBase() - Math.min(...this.#bases()) <= MAX_AHEAD_MS) this.#isAheadWarned = false
    this.#compare()
  }

  /** Records got an earlier time. Warns once per period in which the clock is wrong. */
  clamped(broker: number): void {
    if (this.#isAheadWarned || this.#clocks.size === 0) return
    this.#isAheadWarned = true
    this.#log.warn(
      { broker, offsetMs: this.offsetMs, maxAheadMs: MAX_AHEAD_MS },
      'the clock of this host is ahead of the Kafka broker: records get an earlier Kafka timestamp, events keep their own time; check NTP on both',
    )
  }

  /** Time at a broker minus monotonic time, milliseconds; null if it is unknown. */
  #baseOf(broker: number): number | null {
    const own = this.#clocks.get(broker)
    const refusal = this.#refusals.get(broker)
    const agreed = this.#agreedBase()
    // A broker refuses what its own clock does not allow. If its clock is ahead, it must not take what pins retention by all other clocks.
    if (own !== undefined) return Math.min(own.base, agreed ?? own.base)
    if (refusal === undefined || this.#clocks.size === 0) return agreed
    // The latest clock by which the time would not have been refused.
    const bases = [...this.#bases(), hostBase()].filter((base) => base + MAX_AHEAD_MS + READING_MS < refusal.base)
    return bases.length === 0 ? null : Math.max(...bases)
  }

  /** The median of the clocks, if at least two of them and more than half are close to it. */
  #agreedBase(): number | null {
    const bases = this.#bases()
    const median = medianOf(bases)
    const close = bases.filter((base) => Math.abs(base - median) <= APART_MS).length
    return close >= 2 && close * 2 > bases.length ? median : null
  }

  #compare(): void {
    const bases = this.#bases()
    const isApart = Math.max(...bases) - Math.min(...bases) > APART_MS
    if (isApart) this.#counters.brokerClocksApart++
    if (isApart && !this.#isApartWarned) {
      const offsetsMs = Object.fromEntries([...this.#clocks].map(([broker, { base }]) => [broker, Math.round(hostBase() - base)]))
      this.#log.warn(
        { offsetsMs },
        'the clocks of the Kafka brokers differ by more than a minute: records may be deleted too early or too late; check NTP on the brokers',
      )
    }
    this.#isApartWarned = isApart
  }

  #bases(): number[] {
    return [...this.#clocks.values()].map(({ base }) => base)
  }

  /** Forgets what is too old. After a suspend, forgets everything: the monotonic clock stopped, so all estimates are too early. */
  #forget(): void {
    const nowMs = performance.now()
    const isLate = this.#clocks.size > 0 && hostBase() - this.#wallBase > SUSPEND_MS
    for (const notes of [this.#clocks, this.#refusals])
      for (const [broker, { untilMs }] of notes) if (isLate || untilMs <= nowMs) notes.delete(broker)
  }
}

function hostBase(): number {
  return Date.now() - performance.now()
}

/** The lower one of two in the middle; NaN of nothing. */
function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[(values.length - 1) >> 1] ?? NaN
}
