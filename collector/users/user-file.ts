// /etc/passwd and /etc/group: name and number of each line. Whoever writes them may write anything: what is no entry is skipped.
// @see passwd(5), group(5)

/** Most entries that are kept of a file. */
export const MAX_ACCOUNTS = 65_536
const MAX_ID = 0xfffffffe

/** Names by number. The first entry of a number wins, as for getpwuid(3). */
export interface Accounts {
  readonly names: ReadonlyMap<number, string>
  /** Entries left out because there are too many. */
  readonly skipped: number
}

/** Reads `name:password:number:...` lines. */
export function parseAccounts(text: string): Accounts {
  const names = new Map<number, string>()
  let skipped = 0
  for (const line of text.split('\n')) {
    const [name, , digits] = line.split(':', 3)
    if (name === undefined || name === '' || name.startsWith('#') || digits === undefined || !/^[0-9]{1,10}$/.test(digits)) continue
    const id = Number(digits)
    if (id > MAX_ID || names.has(id)) continue
    if (names.size >= MAX_ACCOUNTS) skipped++
    else names.set(id, name)
  }
  return { names, skipped }
}
