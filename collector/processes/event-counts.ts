// Number of events of a process by topic, to show the load by process. Counts grow from the start of the collector.

/** Topics in the order of the counts. */
export const COUNTED_TOPICS = ['process', 'file', 'network', 'kernel'] as const

/** Events by topic. */
export type EventCounts = Record<(typeof COUNTED_TOPICS)[number], number>

/** Counts of one running process. */
export interface ProcessEvents {
  /** In the host namespace. */
  readonly pid: number
  /** Start, microseconds since boot. */
  readonly startUs: number
  readonly events: EventCounts
}

/** Number of events by process. */
export interface EventActivity {
  readonly bootId: string
  /** Start of the collector, Unix time in microseconds: a restart resets the counts. */
  readonly startedAtUs: number
  /** Running processes with at least one event. */
  readonly processes: readonly ProcessEvents[]
  /** All events, including those of ended processes. */
  readonly total: EventCounts
}

/** Zero counts. */
export function noEvents(): EventCounts {
  return { process: 0, file: 0, network: 0, kernel: 0 }
}
