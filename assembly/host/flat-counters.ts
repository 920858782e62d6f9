// Counters of a part as the heartbeat takes them: one level, names with dots.

/** `{ a: { b: 1 } }` as `{ 'prefix.a.b': 1 }`; what is no number is left out. */
export function flatCounters(prefix: string, tree: object): Record<string, number> {
  const flat: Record<string, number> = {}
  for (const [name, value] of Object.entries(tree) as [string, unknown][]) {
    if (typeof value === 'number') flat[`${prefix}.${name}`] = value
    else if (typeof value === 'object' && value !== null) Object.assign(flat, flatCounters(`${prefix}.${name}`, value))
  }
  return flat
}
