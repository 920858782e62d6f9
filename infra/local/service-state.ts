// The stored state of one local service: its process, identified by more than the pid, and its ports.
// Files are written under another name and renamed, so a killed run leaves either the old state or the new one.
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, StackFailedError, StateFolderError } from '../process/errors.js'
import { waitUntil } from '../waiting/clock.js'

const LOCK_TIMEOUT_MS = 120_000

/** Ports of a service by their purpose. */
export type ServicePorts = Readonly<Record<string, number>>

/** Content of `service.json`. */
export interface ServiceState {
  /** Null after a graceful stop. */
  readonly process: ProcessIdentity | null
  readonly ports: ServicePorts
}

/** Creates the state folder of a service. @throws StateFolderError */
export async function makeStateFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true })
  } catch (cause) {
    throw new StateFolderError(`state folder ${folder} can't be created: ${messageOf(cause)}`, { cause, details: { folder } })
  }
}

/** The stored state; undefined if there is none or it can't be parsed. */
export async function readServiceState(folder: string): Promise<ServiceState | undefined> {
  try {
    return parseState(JSON.parse(await readFile(join(folder, 'service.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Stores the state. @throws StateFolderError if the folder can't be written */
export async function writeServiceState(folder: string, state: ServiceState): Promise<void> {
  const target = join(folder, 'service.json')
  try {
    await writeFile(`${target}.new`, JSON.stringify(state, null, 2) + '\n')
    await rename(`${target}.new`, target)
  } catch (cause) {
    throw new StateFolderError(`state folder ${folder} can't be written: ${messageOf(cause)}`, { cause, details: { folder } })
  }
}

/** Runs `action` while no other process starts or stops the service of this folder. Takes over the lock of a dead process. */
export async function withServiceLock<T>(folder: string, action: () => Promise<T>): Promise<T> {
  const path = join(folder, 'service.lock')
  const taken = await waitUntil(async () => (await tryLock(path)) || (await dropStaleLock(path)), { timeoutMs: LOCK_TIMEOUT_MS })
  if (!taken) throw new StackFailedError(`another run has held ${path} for ${String(LOCK_TIMEOUT_MS / 1000)} s: end it, then retry`)
  try {
    return await action()
  } finally {
    await rm(path, { force: true })
  }
}

// The lock appears with its owner in it or not at all, so the next run can check a lock that a killed run left.
async function tryLock(path: string): Promise<boolean> {
  const own = `${path}.${randomUUID()}`
  try {
    await writeFile(own, JSON.stringify(identityOf(process.pid) ?? null))
    await link(own, path)
    return true
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new StateFolderError(`state folder can't be written: ${messageOf(cause)}`, { cause, details: { path } })
  } finally {
    await rm(own, { force: true })
  }
}

async function dropStaleLock(path: string): Promise<false> {
  const text = await readFile(path, 'utf8').catch(() => undefined)
  if (text === undefined) return false
  const owner = parseIdentity(parseJson(text))
  if (owner === undefined || !isAlive(owner)) await rm(path, { force: true })
  return false
}

function parseState(data: unknown): ServiceState | undefined {
  if (typeof data !== 'object' || data === null || !('process' in data) || !('ports' in data)) return undefined
  if (typeof data.ports !== 'object' || data.ports === null) return undefined
  const ports: Record<string, number> = {}
  for (const [purpose, port] of Object.entries(data.ports)) if (typeof port === 'number') ports[purpose] = port
  return { process: parseIdentity(data.process) ?? null, ports }
}

/** Reads an identity from our JSON. */
export function parseIdentity(data: unknown): ProcessIdentity | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { pid, bootId, startTicks } = data as Partial<Record<keyof ProcessIdentity, unknown>>
  if (typeof pid !== 'number' || typeof bootId !== 'string' || typeof startTicks !== 'string') return undefined
  return { pid, bootId, startTicks }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** One process of one boot. */
export interface ProcessIdentity {
  readonly pid: number
  readonly bootId: string
  /** Field 22 of /proc/PID/stat: clock ticks between boot and start. */
  readonly startTicks: string
}

/** Identity of a running process; undefined for none. A zombie whose threads have all ended counts as none. */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // The command name is in parentheses and may contain any character: fields are counted after the last parenthesis.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0]
    const startTicks = fields[19]
    if (startTicks === undefined || state === undefined) return undefined
    // The first thread of a killed process may be a zombie while other threads still hold its ports and files.
    if ('ZX'.includes(state) && Number(fields[17]) <= 1) return undefined
    return { pid, bootId: readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim(), startTicks }
  } catch {
    return undefined
  }
}

/** True while exactly this process runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  const now = identityOf(identity.pid)
  return now !== undefined && now.bootId === identity.bootId && now.startTicks === identity.startTicks
}

/** Sends a signal to exactly this process; false if it has ended. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch {
    return false
  }
}
