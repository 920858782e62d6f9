// The state folder of a host, with the host id, checkpoints and the spool. Only its owner can access it.
import { randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf, StateFolderError } from './errors.js'

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
 * @throws StateFolderError if it can't be created or written, belongs to another user, or has an invalid host id
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

async function checkOwner(path: string): Promise<void> {
  const { uid, mode } = await stat(path)
  const user = process.getuid?.() ?? uid
  if (uid !== user && user !== 0)
    throw new StateFolderError(`the state folder ${path} belongs to uid ${String(uid)}, not to you; choose another (setting stateFolder)`)
  if ((mode & 0o077) !== 0 && uid === user) await chmod(path, 0o700)
}

/** Two processes that start at once must get the same id: each writes a temporary file and links it, and the second link fails. */
async function hostIdIn(path: string): Promise<string> {
  const file = join(path, 'host-id')
  const known = await readHostId(file)
  if (known !== undefined) return known
  const temporary = join(path, `.host-id-${randomUUID()}`)
  await writeFile(temporary, `${randomUUID()}\n`, { mode: 0o600, flush: true })
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
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
  const id = text.trim()
  if (!UUID.test(id)) throw new StateFolderError(`${file} does not contain a UUID; remove it to create a new host id`)
  return id
}
