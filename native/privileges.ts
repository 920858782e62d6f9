// The capabilities of this process, thread by thread as the kernel reports them, and how it gives up for good what it does not need
// (native/src/process/privileges.cc). @see proc_pid_status(5), capabilities(7)
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilitiesText } from '../infra/process/capability-names.js'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import { loadAddon } from './index.js'

/** What the threads of a process hold, all together: bit n of a set is capability n. */
export interface Privileges {
  readonly threads: number
  readonly permitted: number
  readonly effective: number
  readonly inheritable: number
  readonly bounding: number
  readonly ambient: number
  /** In every thread: no program that is started gets more than its starter has. */
  readonly noNewPrivileges: boolean
}

const SETS = { permitted: 'CapPrm', effective: 'CapEff', inheritable: 'CapInh', bounding: 'CapBnd', ambient: 'CapAmb' } as const

/** Reads them; of a thread that ends meanwhile nothing. @param folder /proc/PID/task; default this process */
export function heldPrivileges(folder = '/proc/self/task'): Privileges {
  const threads = readdirSync(folder).flatMap((thread) => statusOf(join(folder, thread, 'status')))
  const any = (set: keyof typeof SETS): number => Number(threads.reduce((sum, status) => sum | setOf(status, SETS[set]), 0n))
  return {
    threads: threads.length,
    permitted: any('permitted'),
    effective: any('effective'),
    inheritable: any('inheritable'),
    bounding: any('bounding'),
    ambient: any('ambient'),
    noNewPrivileges: threads.every((status) => /^NoNewPrivs:\s*1$/m.test(status)),
  }
}

/** What of a set another one does not have. */
export function without(set: number, other: number): number {
  return Number(BigInt(set) & ~BigInt(other))
}

function statusOf(path: string): string[] {
  try {
    return [readFileSync(path, 'latin1')]
  } catch {
    return []
  }
}

function setOf(status: string, name: string): bigint {
  return BigInt(`0x${new RegExp(`^${name}:\\s*([0-9a-f]{1,16})$`, 'm').exec(status)?.[1] ?? '0'}`)
}

/** Privileges could not be given up; some threads may have done so. */
export class PrivilegesError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PRIVILEGES'
}

/**
 * Leaves the capabilities of `keep` that are held, and no way to others: not by inheritance, not by programs that are started.
 * From then on the process is not dumped, and not traced by others of its user.
 * @returns what is held now, as the kernel tells it
 * @throws PrivilegesError (EUNOMIA_PRIVILEGES) when the kernel refuses, or a thread still holds more
 */
export function dropPrivileges(keep: number): Privileges {
  try {
    loadAddon().dropPrivileges(BigInt(keep))
  } catch (cause) {
    throw new PrivilegesError(`privileges can't be given up: ${messageOf(cause)}`, { cause })
  }
  const held = heldPrivileges()
  const { permitted, effective, inheritable, ambient, noNewPrivileges } = held
  const excess = without(permitted, keep) || without(effective, keep) || inheritable || ambient
  if (excess === 0 && noNewPrivileges) return held
  throw new PrivilegesError(`privileges are still held: ${capabilitiesText(excess) || 'programs that are started can get new ones'}`)
}
