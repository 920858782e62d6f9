// How long a window of a correlation is: `90s`, `5m`, `1d`.

/** A span of time as a rule writes it. */
export interface Timespan {
  readonly text: string
  /** Microseconds. */
  readonly us: number
}

/** Seconds of each unit. Case counts: `m` is a minute, `M` a month, of the mean length of the Gregorian calendar, as is `y`. */
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800, M: 2_629_746, y: 31_556_952 }
/** Longest span, microseconds: two years. Nothing keeps events for longer. */
const MAX_US = 2 * 31_556_952 * 1e6

/** The span of a text, or the sentence that says what is wrong with it. */
export function parseTimespan(text: string): Timespan | { readonly problem: string } {
  const match = /^([0-9]{1,9})([smhdwMy])$/.exec(text)
  const seconds = Number(match?.[1] ?? 0) * (SECONDS[match?.[2] ?? ''] ?? 0)
  if (match === null || seconds === 0) {
    return {
      problem: `'${text.slice(0, 40)}' is no timespan: expected a number from 1 on and one of s, m, h, d, w, M (month), y, such as 90s or 5m`,
    }
  }
  const us = seconds * 1e6
  return us > MAX_US ? { problem: `a timespan of '${text}' is longer than two years` } : { text, us }
}
