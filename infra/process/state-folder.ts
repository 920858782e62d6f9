// The state folder of a host: created once, accessible only to its owner. Holds the host id, checkpoints and the spool.
// The error of a folder that can't be created or written names the folder and the reason.
import { randomUUID } from 'node:crypto'
import { constants, existsSync } from 'node:fs'
import { access, chmod, link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { messageOf, StateFolderError } from './errors.js'

/** An opened state folder. */
export interface StateFolder {
  readonly path: string
  /** UUID of this host, made once: machine ids are cloned with images. */
  readonly hostId: string
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Default location: /var/lib/eunomia for root, else below XDG_STATE_HOME or ~/.local/state. */
export function defaultStateFolder(environment: Readonly<Record<string, string | undefined>> = process.env): string {
  if (process.getuid?.() === 0) return '/var/lib/eunomia'
  return join(environment['XDG_STATE_HOME'] ?? join(homedir(), '.local/state'), 'eunomia')
}

/**
 * Opens the folder, and makes it with a host id when it is not there.
 * @throws StateFolderError when it can't be made or written, belongs to another user, or has an invalid host id
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

/** The error for a failure to use the folder; also for those that write into it later. */
export function stateFolderError(path: string, cause: unknown): StateFolderError {
  const code = (cause as NodeJS.ErrnoException | undefined)?.code ?? 'UNKNOWN'
  const why = REASONS.get(code) ?? messageOf(cause)
  return new StateFolderError(`the state folder ${path} can't be used: ${why} (setting stateFolder)`, { cause, details: { path, code } })
}

const REASONS = new Map([
  ['EROFS', 'its file system is read-only; name another folder'],
  ['ENOSPC', 'its file system is full; free some space'],
  ['EDQUOT', 'the quota is used up; free some space'],
  ['EACCES', 'permission denied; name a folder of your own, or run as its owner'],
  ['EPERM', 'permission denied; name a folder of your own, or run as its owner'],
  ['ENOENT', 'it can not be made there; name another folder'],
  ['ENOTDIR', 'a part of its path is no folder'],
  ['EEXIST', 'it is there, but is no folder'],
])

/** Not mkdir's own recursion: where a folder is there but refuses new ones with ENOENT, as /proc does, it goes on for ever. */
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
    throw new StateFolderError(`the state folder ${path} belongs to uid ${String(uid)}, not to you; name another (setting stateFolder)`)
  if ((mode & 0o077) !== 0 && uid === user) await chmod(path, 0o700)
}

/** Two processes that start at once must end with one id: it is written aside and linked, and the link that comes second loses. */
async function hostIdIn(path: string): Promise<string> {
  const file = join(path, 'host-id')
  const known = await readHostId(file)
  if (known !== undefined) return known
  const aside = join(path, `.host-id-${randomUUID()}`)
  await writeFile(aside, `${randomUUID()}\n`, { mode: 0o600, flush: true })
  try {
    await link(aside, file)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    await rm(aside, { force: true })
  }
  const made = await readHostId(file)
  if (made === undefined) throw new StateFolderError(`${file} vanished while it was made`)
  return made
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
  if (!UUID.test(id)) throw new StateFolderError(`${file} holds no UUID; remove it and a new host id is made`)
  return id
}
