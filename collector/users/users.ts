// Names of users and groups, from the host's passwd and group files; read again when they change.
// A missing file is fine: then nobody has a name.
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parseAccounts, type Accounts } from './user-file.js'
import type { AccountNames } from './user-names.js'

/** Longest file that is read; of a longer one the beginning. */
const MAX_FILE_BYTES = 4 * 1024 * 1024
const NO_ACCOUNTS: Accounts = { names: new Map(), skipped: 0 }

/** One file and what was in it when it was read. */
class AccountFile {
  readonly #path: string
  #stamp = ''
  accounts: Accounts = NO_ACCOUNTS

  constructor(path: string) {
    this.#path = path
  }

  /** @returns true when it was read again */
  refresh(): boolean {
    const stamp = stampOf(this.#path)
    if (stamp === this.#stamp) return false
    this.#stamp = stamp
    this.accounts = stamp === '' ? NO_ACCOUNTS : parseAccounts(readText(this.#path))
    return true
  }
}

/** @see AccountNames */
export class Users implements AccountNames {
  readonly #passwd: AccountFile
  readonly #group: AccountFile
  generation = 0

  /** @param etcFolder folder of passwd and group */
  constructor(etcFolder = '/etc') {
    this.#passwd = new AccountFile(join(etcFolder, 'passwd'))
    this.#group = new AccountFile(join(etcFolder, 'group'))
    this.refresh()
  }

  /** Looks whether the files changed; called at most once a second, never per event. */
  refresh(): void {
    const isPasswdNew = this.#passwd.refresh()
    const isGroupNew = this.#group.refresh()
    if (isPasswdNew || isGroupNew) this.generation++
  }

  userName(uid: number): string | null {
    return this.#passwd.accounts.names.get(uid) ?? null
  }

  groupName(gid: number): string | null {
    return this.#group.accounts.names.get(gid) ?? null
  }

  /** Entries left out at the bound. */
  get skipped(): number {
    return this.#passwd.accounts.skipped + this.#group.accounts.skipped
  }
}

/** Tells two versions of a file apart; empty for one that is not there. */
function stampOf(path: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(path, { bigint: true })
    return `${String(mtimeNs)} ${String(size)} ${String(ino)}`
  } catch {
    return ''
  }
}

function readText(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(Math.min(fstatSync(file).size, MAX_FILE_BYTES))
      return bytes.toString('utf8', 0, readSync(file, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
