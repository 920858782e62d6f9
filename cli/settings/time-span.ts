// Times and spans as people write them on the command line: 500ms, 30s, 10m, 2h, 1d; a moment as ISO 8601 or as a span ago.
import { InvalidArgumentError } from 'commander'

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a span. @throws InvalidArgumentError */
export function parseSpan(text: string): number {
  const parts = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text)
  const unit = UNIT_MS[parts?.[2] ?? '']
  if (parts?.[1] === undefined || unit === undefined) throw new InvalidArgumentError('Expected a span such as 500ms, 30s, 10m, 2h or 1d.')
  return Number(parts[1]) * unit
}

/** Unix time in milliseconds of a moment. @throws InvalidArgumentError */
export function parseMoment(text: string, nowMs = Date.now()): number {
  if (/^\d+(ms|s|m|h|d)$/.test(text)) return nowMs - parseSpan(text)
  const moment = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(moment)) throw new InvalidArgumentError('Expected a span ago such as 10m or 2h, or a time such as 2026-01-31T12:00:00Z.')
  return moment
}
