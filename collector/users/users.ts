// Names of users and groups, from the host's passwd and group files; read again when they change.
// A missing file is not an error: then there are no names.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import type { HostUsers } from './user-names.js'

/** Most bytes read of a file; the rest is ignored. */
const MAX_FILE_BYTES = 4 * 1024 * 1024
const NO_ENTRIES: UserEntries = { names: new Map(), skipped: 0 }

/** One file and its entries at the last read. */
class UserFile {
  readonly #path: string
  #stamp = ''
  entries: UserEntries = NO_ENTRIES

  constructor(path: string) {
    this.#path = path
  }

  /** @returns true when it was read again */
  refresh(): boolean {
    const stamp = stampOf(this.#path)
    if (stamp === this.#stamp) return false
    this.#stamp = stamp
    this.entries = stamp === '' ? NO_ENTRIES : readUserFile(this.#path)
    return true
  }
}

/** @see HostUsers */
export class Users implements HostUsers {
  readonly #passwd: UserFile
  readonly #group: UserFile
  generation = 0

  /** @param etcFolder folder of passwd and group */
  constructor(etcFolder = '/etc') {
    this.#passwd = new UserFile(join(etcFolder, 'passwd'))
    this.#group = new UserFile(join(etcFolder, 'group'))
    this.refresh()
  }

  /** Checks whether the files changed; called at most once per second, never per event. */
  refresh(): void {
    const isPasswdNew = this.#passwd.refresh()
    const isGroupNew = this.#group.refresh()
    if (isPasswdNew || isGroupNew) this.generation++
  }

  userName(uid: number): string | null {
    return this.#passwd.entries.names.get(uid) ?? null
  }

  groupName(gid: number): string | null {
    return this.#group.entries.names.get(gid) ?? null
  }

  /** Entries left out at a bound; what is beyond the bytes that are read counts as one. */
  get skipped(): number {
    return this.#passwd.entries.skipped + this.#group.entries.skipped
  }
}

/** Identifies a version of a file; empty if it does not exist. */
function stampOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${String(mtimeNs)} ${String(size)} ${String(ino)}`
  } catch {
    return ''
  }
}

function readUserFile(path: string): UserEntries {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      const bytes = Buffer.alloc(Math.min(size, MAX_FILE_BYTES))
      const { names, skipped } = parseUserFile(bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0)))
      return { names, skipped: skipped + Number(size > MAX_FILE_BYTES) }
    } finally {
      closeSync(file)
    }
  } catch {
    return NO_ENTRIES
  }
}

/** Most entries stored of a file. */
export const MAX_ENTRIES = 65_536
const MAX_ID = 0xfffffffe

/** Names by number. The first entry of a number wins, as for getpwuid(3). */
interface UserEntries {
  readonly names: ReadonlyMap<number, string>
  /** Entries left out because there are too many. */
  readonly skipped: number
}

/** Reads `name:password:number:...` lines. */
export function parseUserFile(text: string): UserEntries {
  const names = new Map<number, string>()
  let skipped = 0
  for (const line of text.split('\n')) {
    const [name, , digits] = line.split(':', 3)
    if (name === undefined || name === '' || name.startsWith('#') || digits === undefined || !/^[0-9]{1,10}$/.test(digits)) continue
    const id = Number(digits)
    if (id > MAX_ID || names.has(id)) continue
    if (names.size >= MAX_ENTRIES) skipped++
    else names.set(id, name)
  }
  return { names, skipped }
}
