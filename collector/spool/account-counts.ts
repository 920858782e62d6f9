// How many records of each account of the ledger something holds: a block, a segment, a topic. By names and not by the ledger's numbers, since what is
// on disk is read by later versions too.

/** Records of one kind that happened on one CPU; -1 for what the collector made. */
export interface AccountCount {
  readonly kind: string
  readonly cpu: number
  readonly count: number
}

/** A sum of them. */
export class AccountCounts {
  readonly #counts = new Map<string, AccountCount>()
  /** All together. */
  records = 0

  add(counts: readonly AccountCount[]): void {
    for (const { kind, cpu, count } of counts) this.#change(kind, cpu, count)
  }

  subtract(counts: readonly AccountCount[]): void {
    for (const { kind, cpu, count } of counts) this.#change(kind, cpu, -count)
  }

  list(): AccountCount[] {
    return [...this.#counts.values()]
  }

  #change(kind: string, cpu: number, by: number): void {
    const key = `${kind} ${String(cpu)}`
    const count = (this.#counts.get(key)?.count ?? 0) + by
    if (count === 0) this.#counts.delete(key)
    else this.#counts.set(key, { kind, cpu, count })
    this.records += by
  }
}

/** The first `records` of the counts, and the others. */
export function splitCounts(counts: readonly AccountCount[], records: number): readonly [first: AccountCount[], rest: AccountCount[]] {
  const first: AccountCount[] = []
  const rest: AccountCount[] = []
  let left = records
  for (const { kind, cpu, count } of counts) {
    const taken = Math.min(left, count)
    left -= taken
    if (taken > 0) first.push({ kind, cpu, count: taken })
    if (taken < count) rest.push({ kind, cpu, count: count - taken })
  }
  return [first, rest]
}
