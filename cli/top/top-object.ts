// A view of `top` as one JSON object: the same numbers and the same reasons as on the screen.
import type { Look, TopView } from './top-rows.js'

/** What is not known, and why; null for what is. */
export interface UnknownBecause {
  /** Rates of events. */
  readonly events: string | null
  /** Names of containers. */
  readonly names: string | null
}

/** For `--json`. @param commandLineOf a process, null when it is gone */
export function topObject(
  { rows, rest, total }: TopView,
  { sample }: Look,
  because: UnknownBecause,
  commandLineOf: (pid: number) => string | null,
): Readonly<Record<string, unknown>> {
  return {
    time: new Date().toISOString(),
    processes: rows.map((row) => ({ ...row, commandLine: commandLineOf(row.pid) })),
    rest,
    total,
    leftOut: sample.leftOut,
    noEventsBecause: because.events,
    noNamesBecause: because.names,
  }
}
