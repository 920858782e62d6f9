// A local service as a separate process that outlives the command that started it. Later commands find it by its state folder. A process is
// signaled only if its pid, boot and start time match the stored ones.
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, StackFailedError, StateFolderError } from '../process/errors.js'
import type { Logger } from '../process/logger.js'
import { lastLines } from './command.js'
import { waitUntil } from '../waiting/clock.js'
import {
  identityOf,
  isAlive,
  makeStateFolder,
  type ProcessIdentity,
  readServiceState,
  type ServicePorts,
  signalProcess,
  withServiceLock,
  writeServiceState,
} from './service-state.js'

const TERM_TIMEOUT_MS = 20_000
const KILL_TIMEOUT_MS = 5_000
const SHOWN_LINES = 15

/** The command of a prepared service. */
export interface ServiceCommand {
  readonly command: string
  readonly args: readonly string[]
}

/** A service that can be started. */
export interface ServicePlan {
  readonly name: string
  /** Contains data, log, pid and ports of this service only. */
  readonly folder: string
  /** The address for clients. */
  readonly addressOf: (ports: ServicePorts) => string
  /** Chooses the ports. @param remembered those of the previous run */
  readonly choosePorts: (remembered: ServicePorts | undefined) => Promise<ServicePorts>
  /** Creates files and data before each start. */
  readonly prepare: (ports: ServicePorts) => Promise<ServiceCommand>
  /** Asks the service whether it is ready. */
  readonly isReady: (ports: ServicePorts) => Promise<boolean>
  readonly startTimeoutMs: number
  readonly fix: string
}

/** A running service. */
export interface LocalService {
  readonly name: string
  readonly address: string
  readonly ports: ServicePorts
  readonly pid: number
  readonly folder: string
  /** Terminates it, and kills it if it does not end. Data remains. */
  stop(): Promise<void>
  /** Kills it, like a crash. Data and ports remain for the next start. */
  kill9(): Promise<void>
}

/**
 * Starts a service, or finds the one that already runs in this folder.
 * @throws StackFailedError with the last lines of its log, PortInUseError, StateFolderError
 */
export async function startService(plan: ServicePlan, log: Logger): Promise<LocalService> {
  await makeStateFolder(plan.folder)
  return await withServiceLock(plan.folder, async () => {
    const remembered = await readServiceState(plan.folder)
    if (remembered?.process && isAlive(remembered.process)) {
      // The command that started it may have been killed before it was ready.
      await waitForReady(plan, remembered.ports, remembered.process)
      return handleOf(plan, remembered.process, remembered.ports)
    }
    const ports = await plan.choosePorts(remembered?.ports)
    const command = await plan.prepare(ports)
    const identity = await launch(plan, command)
    try {
      await writeServiceState(plan.folder, { process: identity, ports })
      await waitForReady(plan, ports, identity)
    } catch (error) {
      signalProcess(identity, 'SIGKILL')
      throw error
    }
    log.info({ service: plan.name, address: plan.addressOf(ports), pid: identity.pid, folder: plan.folder }, 'service started')
    return handleOf(plan, identity, ports)
  })
}

/** The running service of this folder. */
export async function findService(name: string, folder: string, addressOf: ServicePlan['addressOf']): Promise<LocalService | undefined> {
  const state = await readServiceState(folder)
  if (!state?.process || !isAlive(state.process)) return undefined
  return handleOf({ name, folder, addressOf }, state.process, state.ports)
}

async function launch(plan: ServicePlan, command: ServiceCommand): Promise<ProcessIdentity> {
  const log = await open(logFileOf(plan.folder), 'a').catch((cause: unknown) => {
    throw new StateFolderError(`state folder ${plan.folder} can't be written: ${messageOf(cause)}`, { cause })
  })
  try {
    const child = spawn(command.command, command.args, { cwd: plan.folder, detached: true, stdio: ['ignore', log.fd, log.fd] })
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', (cause) => {
        reject(new StackFailedError(`${plan.name} could not be run (${command.command}): ${cause.message}; ${plan.fix}`, { cause }))
      })
    })
    child.unref()
    const identity = child.pid === undefined ? undefined : identityOf(child.pid)
    if (identity === undefined) throw startFailure(plan, 'ended at once')
    return identity
  } finally {
    await log.close()
  }
}

async function waitForReady(plan: ServicePlan, ports: ServicePorts, identity: ProcessIdentity): Promise<void> {
  let ready = false
  await waitUntil(
    async () => {
      ready = await plan.isReady(ports)
      return ready || !isAlive(identity)
    },
    { timeoutMs: plan.startTimeoutMs, everyMs: 50 },
  )
  if (ready && isAlive(identity)) return
  const reason = isAlive(identity) ? `was not ready after ${String(plan.startTimeoutMs / 1000)} s` : 'ended while it started'
  throw startFailure(plan, reason)
}

function startFailure(plan: ServicePlan, reason: string): StackFailedError {
  const file = logFileOf(plan.folder)
  return new StackFailedError(`${plan.name} ${reason}: ${plan.fix}\nlast lines of ${file}:\n${lastLines(readTail(file), SHOWN_LINES)}`, {
    details: { service: plan.name, log: file },
  })
}

function readTail(file: string): string {
  try {
    return readFileSync(file, 'utf8').slice(-16_384)
  } catch {
    return ''
  }
}

/** The log file of a service. */
export function logFileOf(folder: string): string {
  return join(folder, 'service.log')
}

function handleOf(plan: Pick<ServicePlan, 'name' | 'folder' | 'addressOf'>, identity: ProcessIdentity, ports: ServicePorts): LocalService {
  const end = async (signal: 'SIGTERM' | 'SIGKILL'): Promise<void> => {
    signalProcess(identity, signal)
    const gone = () => !isAlive(identity)
    if (!(await waitUntil(gone, { timeoutMs: signal === 'SIGTERM' ? TERM_TIMEOUT_MS : KILL_TIMEOUT_MS }))) {
      signalProcess(identity, 'SIGKILL')
      if (!(await waitUntil(gone, { timeoutMs: KILL_TIMEOUT_MS }))) {
        throw new StackFailedError(`${plan.name} (pid ${String(identity.pid)}) did not end`, { details: { pid: identity.pid } })
      }
    }
  }
  return {
    name: plan.name,
    folder: plan.folder,
    address: plan.addressOf(ports),
    ports,
    pid: identity.pid,
    async stop() {
      await end('SIGTERM')
      await writeServiceState(plan.folder, { process: null, ports })
    },
    async kill9() {
      await end('SIGKILL')
    },
  }
}
