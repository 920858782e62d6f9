// What the oracle evaluates Sigma rules on: fields by Sigma's names.
import { OPEN } from '../falco/oracle-event.js'

/** Values of a field (more than one where the event has a list); undefined for absent. */
export type SigmaValues = readonly string[] | undefined | typeof OPEN

export interface SigmaEvent {
  read(field: string): SigmaValues
  /** Every value of the event, in which keywords are searched. */
  everything(): SigmaValues
}

/** An event given as a field map; the named fields are unknown. */
export function sigmaMapEvent(map: Readonly<Record<string, unknown>>, open: ReadonlySet<string> = new Set()): SigmaEvent {
  const read = (field: string): SigmaValues => {
    if (open.has(field)) return OPEN
    const given = Object.hasOwn(map, field) ? map[field] : undefined
    return given === undefined || given === null ? undefined : [given].flat().map(String)
  }
  return {
    read,
    everything() {
      const values = Object.keys(map).map(read)
      if (open.size > 0) return OPEN
      return values.flatMap((value) => (Array.isArray(value) ? (value as string[]) : []))
    },
  }
}
