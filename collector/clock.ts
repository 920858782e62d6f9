// Converts kernel time (since boot, including suspends) to wall time: tracks the offset between the two while clocks step and drift.
// Boot time orders events; wall time is for people.
import { readFileSync } from 'node:fs'

/** Reads the clocks of a host; microseconds. */
export interface ClockReader {
  /** Unix time. May have the resolution of a millisecond. */
  wallUs(): number
  /** Time since boot, including suspends. */
  bootUs(): number
}

/** Converts boot time to wall time. */
export interface BootClock {
  /** Unix time of a time since boot, microseconds. */
  wallOf(bootUs: number): number
  /** Time since boot now, microseconds. */
  bootNow(): number
  /** Measures again; called about once a second. */
  refresh(): void
  /** Changes of the offset beyond the precision of a measurement: steps of the wall clock, and drift that added up. */
  readonly steps: number
}

/** Smaller differences from the current offset are noise: reading takes time, and milliseconds are truncated. */
const PRECISION_US = 2_000

/** Tracks the clocks of the running host. */
export class FollowedClock implements BootClock {
  readonly #reader: ClockReader
  #offsetUs: number
  steps = 0

  constructor(reader: ClockReader) {
    this.#reader = reader
    this.#offsetUs = this.#measure()
  }

  wallOf(bootUs: number): number {
    return bootUs + this.#offsetUs
  }

  bootNow(): number {
    return this.#reader.bootUs()
  }

  refresh(): void {
    const offsetUs = this.#reader.wallUs() - this.#reader.bootUs()
    // Keep the offset within the precision: event times must not jitter with measurements.
    if (Math.abs(offsetUs - this.#offsetUs) <= PRECISION_US) return
    this.#offsetUs = this.#measure()
    this.steps++
  }

  /** Waits for the next tick of the wall clock, at most a few milliseconds, so that its resolution does not matter. */
  #measure(): number {
    const first = this.#reader.wallUs()
    for (let reads = 0; reads < 100_000; reads++) {
      const now = this.#reader.wallUs()
      if (now !== first) return Math.round(now - this.#reader.bootUs())
    }
    return Math.round(first - this.#reader.bootUs())
  }
}

/** The fixed offset of a recording. */
export class RecordedClock implements BootClock {
  readonly #offsetUs: number
  readonly steps = 0

  constructor(offsetUs: number) {
    this.#offsetUs = offsetUs
  }

  wallOf(bootUs: number): number {
    return bootUs + this.#offsetUs
  }

  bootNow(): number {
    return Date.now() * 1000 - this.#offsetUs
  }

  refresh(): void {
    // A recording has one offset.
  }
}

/** CLOCK_BOOTTIME is ahead of CLOCK_MONOTONIC by more than the resolution of /proc/uptime: the host was suspended. */
const SUSPENDED_US = 30_000
/** Longest reading of /proc/uptime that is compared. */
const MOST_READ_US = 10_000

/**
 * The clocks of this host. Node reads CLOCK_MONOTONIC, which stops in a suspend. /proc/uptime, with a resolution of 10 ms, shows the difference.
 */
export class SystemClocks implements ClockReader {
  readonly #uptimePath: string
  #suspendedUs = 0
  #checkedAtMs = -Infinity

  constructor(uptimePath = '/proc/uptime') {
    this.#uptimePath = uptimePath
  }

  wallUs(): number {
    return Date.now() * 1000
  }

  bootUs(): number {
    const nowUs = monotonicNowUs()
    if (nowUs / 1000 - this.#checkedAtMs > 500) this.#checkSuspends(nowUs)
    return nowUs + this.#suspendedUs
  }

  #checkSuspends(monotonicUs: number): void {
    this.#checkedAtMs = monotonicUs / 1000
    const uptimeUs = uptimeOf(this.#uptimePath)
    if (uptimeUs === null) return
    // On a busy host others may run between the two readings, which is no suspend.
    if (monotonicNowUs() - monotonicUs > MOST_READ_US) return
    if (Math.abs(uptimeUs - (monotonicUs + this.#suspendedUs)) > SUSPENDED_US) this.#suspendedUs = Math.max(0, uptimeUs - monotonicUs)
  }
}

function monotonicNowUs(): number {
  return Number(process.hrtime.bigint() / 1000n)
}

function uptimeOf(path: string): number | null {
  try {
    const seconds = Number.parseFloat(readFileSync(path, 'latin1'))
    // Hundredths of a second times a million is not always whole.
    return Number.isFinite(seconds) ? Math.round(seconds * 1_000_000) : null
  } catch {
    return null
  }
}
