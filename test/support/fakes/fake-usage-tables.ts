// A usage program whose readings a test sets; the cumulated values stay when no more are set.
import type { UsageReading, UsageTables } from '../../../native/addon.js'

/** @see UsageTables */
export class FakeUsageTables implements UsageTables {
  readonly readings: UsageReading[] = []
  readonly forgotten: string[] = []
  isClosed = false
  isAttached = false
  failure: Error | null = null
  attachFailure: Error | null = null
  #last: UsageReading = { tables: {}, overflow: [], recursionMisses: 0 }

  attach(): void {
    if (this.attachFailure !== null) throw this.attachFailure
    this.isAttached = true
  }

  detach(): void {
    this.isAttached = false
  }

  turn(): Promise<UsageReading> {
    if (this.failure !== null) return Promise.reject(this.failure)
    this.#last = this.readings.shift() ?? { ...this.#last, tables: {} }
    return Promise.resolve(this.#last)
  }

  forget(table: string, key: Uint8Array): void {
    this.forgotten.push(`${table} ${Buffer.from(key).toString('hex')}`)
  }

  close(): void {
    this.isClosed = true
  }
}
