// Times as runtimes write them -> Unix microseconds.

/** RFC 3339 with nanoseconds -> Unix microseconds; 0 for anything else. */
export function createdAtUs(text: string): number {
  const found = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)$/.exec(text)
  const seconds = found?.[1] === undefined ? Number.NaN : Date.parse(`${found[1]}${found[3] ?? 'Z'}`) / 1000
  if (Number.isNaN(seconds)) return 0
  return seconds * 1_000_000 + Number((found?.[2] ?? '').padEnd(6, '0').slice(0, 6))
}

/** Unix nanoseconds as decimal text -> Unix microseconds; 0 for anything else. */
export function microsecondsOf(nanoseconds: string): number {
  return /^\d{4,19}$/.test(nanoseconds) ? Number(BigInt(nanoseconds) / 1000n) : 0
}
