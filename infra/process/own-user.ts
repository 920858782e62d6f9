// The user that a collector becomes when root started it, so that it can't write what belongs to root. Its folders are given to that user before.
import { closeSync, constants, fchownSync, fstatSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

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

/**
 * Gives a folder and all in it to a user. Follows no link, and leaves out files with another name elsewhere: whoever could write to the folder could
 * have put a link to a file of root there.
 */
export function giveFolder(path: string, user: OwnUser): void {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_DIRECTORY)
  try {
    fchownSync(fd, user.uid, user.gid)
  } finally {
    closeSync(fd)
  }
  for (const entry of readdirSync(path, { withFileTypes: true })) {
    if (entry.isDirectory()) giveFolder(join(path, entry.name), user)
    else if (entry.isFile()) giveFile(join(path, entry.name), user)
  }
}

/** What can't be opened stays as it is: a pin of bpffs, which belongs to its folder anyway, or a link that was put in the place of a file. */
function giveFile(path: string, { uid, gid }: OwnUser): void {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch {
    return
  }
  try {
    if (fstatSync(fd).nlink === 1) fchownSync(fd, uid, gid)
  } finally {
    closeSync(fd)
  }
}
