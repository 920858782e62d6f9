// The user that a collector becomes when root started it, so that it can't write what belongs to root. Its folders are given to that user before.
import { closeSync, constants, fchownSync, fstatSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs'

/** A user by number. */
export interface OwnUser {
  readonly uid: number
  readonly gid: number
}

/** Name of the user of the packages (infra/deploy/eunomia-collector.sysusers). */
export const OWN_USER_NAME = 'eunomia'
/**
 * Where there is no user of that name: a number that distributions and systemd assign to nobody.
 * @see https://systemd.io/UIDS-GIDS/ (65520..65533)
 */
const UNUSED_ID = 65_521

/** The user of that name in passwd, or the unused number. @param passwd for tests */
export function ownUser(passwd = '/etc/passwd'): OwnUser {
  let text = ''
  try {
    text = readFileSync(passwd, 'utf8')
  } catch {
    // Without the file there is no such user.
  }
  const [, uid, gid] = new RegExp(`^${OWN_USER_NAME}:[^:]*:(\\d{1,9}):(\\d{1,9}):`, 'm').exec(text) ?? []
  return { uid: Number(uid ?? UNUSED_ID), gid: Number(gid ?? UNUSED_ID) }
}

/** Whether a folder of this user is ours: of the user that we are, or, as root, of the one that we become. */
export function isOurs(uid: number): boolean {
  const own = process.getuid?.() ?? uid
  return uid === own || (own === 0 && uid === ownUser().uid)
}

/** At most ten processes of a user. @param proc for tests */
export function processesOf(uid: number, proc = '/proc'): number[] {
  const pids: number[] = []
  for (const name of readdirSync(proc)) {
    if (pids.length === 10) break
    if (/^\d+$/.test(name) && statSync(`${proc}/${name}`, { throwIfNoEntry: false })?.uid === uid) pids.push(Number(name))
  }
  return pids
}

/** Deeper folders stay as they are: each level holds a descriptor. Ours have two. */
const MAX_DEPTH = 16
const NO_LINK = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Gives a folder and all in it to a user. A process of that user may still run and put links there meanwhile: each entry is opened without following
 * links, below the open descriptor of its folder, and only descriptors are given. Files with another name elsewhere are left out: that may be one of root.
 * @param chown for tests
 */
export function giveFolder(path: string, user: OwnUser, chown = fchownSync): void {
  const fd = openSync(path, NO_LINK | constants.O_DIRECTORY)
  try {
    give(fd, user, chown, MAX_DEPTH)
  } finally {
    closeSync(fd)
  }
}

function give(fd: number, user: OwnUser, chown: typeof fchownSync, depth: number): void {
  const found = fstatSync(fd)
  const isFolder = found.isDirectory()
  if (!isFolder && (!found.isFile() || found.nlink !== 1)) return
  if (found.uid !== user.uid || found.gid !== user.gid) chown(fd, user.uid, user.gid)
  if (!isFolder || depth === 0) return
  const folder = `/proc/self/fd/${String(fd)}`
  for (const name of readdirSync(folder)) {
    const entry = openEntry(`${folder}/${name}`)
    if (entry === null) continue
    try {
      give(entry, user, chown, depth - 1)
    } finally {
      closeSync(entry)
    }
  }
}

/** @returns null for what can't be opened and stays as it is: a link, a socket, or a pin of bpffs, which belongs to its folder anyway */
function openEntry(path: string): number | null {
  try {
    return openSync(path, NO_LINK)
  } catch {
    return null
  }
}
