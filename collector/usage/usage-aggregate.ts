// An aggregate as a record without its origin, and the interval that it covers. Knows no tables and no kernel.
import type { UsageRecord } from '../../schemas/generated/types.js'

/** A record without its origin: the collector's publisher adds where and when. */
export type UsageBody = Omit<UsageRecord, 'origin'>

/** The time that a reading covers, microseconds since boot. */
export interface UsageInterval {
  readonly startBootUs: number
  readonly endBootUs: number
}

/** An empty record of one type and scope. */
export function emptyUsage(type: UsageBody['type'], scope: UsageBody['scope'], interval: UsageInterval): UsageBody {
  return {
    type,
    scope,
    containerId: null,
    containerClaim: null,
    process: null,
    ...interval,
    aggregates: null,
    calls: null,
    syscalls: null,
    file: null,
    tcp: null,
    capabilities: null,
    cgroupId: null,
    cgroupPath: null,
  }
}
