// The state folder of a host, with the host id, checkpoints and the spool. Only its owner can access it.
import { randomUUID } from 'node:crypto'
import { chmodSync, constants, existsSync, lstatSync, mkdirSync } from 'node:fs'
import { access, chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf, StateFolderError } from './errors.js'
import { isOurs } from './own-user.js'

/** An opened state folder. */
export interface StateFolder {
  readonly path: string
  /** UUID of this host, created once. A machine id may be cloned with an image. */
  readonly hostId: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Default location: /var/lib/eunomia for root, otherwise below XDG_STATE_HOME or ~/.local/state. */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  if (process.getuid?.() === 0) return '/var/lib/eunomia'
  return join(environment['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'eunomia')
}

/**
 * Opens the folder. Creates it, with a host id, if it does not exist.
 * @throws StateFolderError if it can't be created or written, belongs to another user, can be written by others, or has an invalid host id
 */
export async function openStateFolder(path: string): Promise<StateFolder> {
  try {
    await makeFolder(path)
    await checkOwner(path)
    await access(path, constants.R_OK | constants.W_OK | constants.X_OK)
    return { path, hostId: await hostIdIn(path) }
  } catch (error) {
    if (error instanceof StateFolderError) throw error
    throw stateFolderError(path, error)
  }
}

/** The error for a failed use of the folder; also for its later writers. */
export function stateFolderError(path: string, cause: unknown): StateFolderError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'UNKNOWN'
  const why = REASONS.get(code) ?? messageOf(cause)
  return new StateFolderError(`the state folder ${path} can't be used: ${why} (setting stateFolder)`, { cause, details: { path, code } })
}

const REASONS = new Map([
  ['EROFS', 'its file system is read-only; choose another folder'],
  ['ENOSPC', 'its file system is full; free some space'],
  ['EDQUOT', 'the disk quota is exhausted; free some space'],
  ['EACCES', 'permission denied; choose a folder of your own, or run as its owner'],
  ['EPERM', 'permission denied; choose a folder of your own, or run as its owner'],
  ['ENOENT', 'it cannot be created there; choose another folder'],
  ['ENOTDIR', 'a part of its path is not a folder'],
  ['EEXIST', 'it exists, but is not a folder'],
  ['ELOOP', 'a file in it is a symbolic link; remove it'],
])

/** Not the recursive mkdir, which loops forever if an existing folder refuses new ones with ENOENT, as /proc does. */
async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 })
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && (await stat(path)).isDirectory()) return
    if (code !== 'ENOENT' || existsSync(dirname(path))) throw error
    await makeFolder(dirname(path))
    await mkdir(path, { mode: 0o700 }).catch((again: NodeJS.ErrnoException) => {
      if (again.code !== 'EEXIST') throw again
    })
  }
}

/** Who else could have written to the folder could have put links and files of theirs in it. */
async function checkOwner(path: string): Promise<void> {
  const { uid, mode } = await stat(path)
  if (!isOurs(uid)) {
    const fix = process.getuid?.() === 0 ? `run as that user, chown -R root: ${path}, or` : 'run as that user, or'
    throw new StateFolderError(
      `the state folder ${path} belongs to uid ${String(uid)}, not to you; ${fix} choose another (setting stateFolder)`,
    )
  }
  if ((mode & 0o022) !== 0)
    throw new StateFolderError(
      `others may write to the state folder ${path}; check what is in it and chmod 700 ${path}, or choose another (setting stateFolder)`,
    )
  if ((mode & 0o077) !== 0) await chmod(path, 0o700)
}

/**
 * Makes a folder in the state folder, or checks the one that is there. An older one may be open to others, and is closed.
 * @throws StateFolderError for a link, or a folder of another user; errors of the system
 */
export function makeOwnFolder(path: string): void {
  mkdirSync(path, { recursive: true, mode: 0o700 })
  const status = lstatSync(path)
  if (!status.isDirectory() || !isOurs(status.uid))
    throw new StateFolderError(`${path} is a link, or belongs to another user; remove it, or choose another folder (setting stateFolder)`)
  if ((status.mode & 0o077) !== 0) chmodSync(path, 0o700)
}

/** Flags of open(2) for a file in it: neither links nor pipes lead elsewhere, or hold up who opens them. */
export const OWN_FILE = constants.O_NOFOLLOW | constants.O_NONBLOCK | constants.O_NOCTTY

/** Two processes that start at once must get the same id: each writes a temporary file and links it, and the second link fails. */
async function hostIdIn(path: string): Promise<string> {
  const file = join(path, 'host-id')
  const known = await readHostId(file)
  if (known !== undefined) return known
  const temporary = join(path, `.host-id-${randomUUID()}`)
  await writeFile(temporary, `${randomUUID()}\n`, { mode: 0o600, flag: 'wx', flush: true })
  try {
    await link(temporary, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(temporary, { force: true })
  }
  const created = await readHostId(file)
  if (created === undefined) throw new StateFolderError(`${file} was removed while it was created`)
  return created
}

async function readHostId(file: string): Promise<string | undefined> {
  let text: string
  try {
    text = await readFile(file, { encoding: 'utf8', flag: constants.O_RDONLY | OWN_FILE })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const id = text.trim()
  if (!UUID.test(id)) throw new StateFolderError(`${file} does not contain a UUID; remove it to create a new host id`)
  return id
}
