// The capabilities of this process, thread by thread as the kernel reports them, and how it permanently drops what it does not need
// (native/src/process/privileges.cc). @see proc_pid_status(5), capabilities(7)
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { capabilitiesText } from '../infra/process/capability-names.js'
import { EunomiaError, messageOf } from '../infra/process/errors.js'
import type { OtherUser } from './addon.js'
import { loadAddon } from './index.js'

/** What all threads of a process together hold: bit n of a set is capability n. */
export interface Privileges {
  readonly threads: number
  readonly permitted: number
  readonly effective: number
  readonly inheritable: number
  readonly bounding: number
  readonly ambient: number
  /** True in every thread: no program that it starts gets more privileges. */
  readonly noNewPrivileges: boolean
}

const SETS = { permitted: 'CapPrm', effective: 'CapEff', inheritable: 'CapInh', bounding: 'CapBnd', ambient: 'CapAmb' } as const

/** Reads them; a thread that ends during the read counts as none. @param folder /proc/PID/task; default this process */
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

/** What one set has and the other lacks. */
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

/** Privileges could not be dropped; some threads may have dropped them. */
export class PrivilegesError extends EunomiaError {
  static override readonly code = 'EUNOMIA_PRIVILEGES'
}

/**
 * Keeps those capabilities of `keep` that are held, without a way to regain others: not by inheritance, and not by starting a program.
 * From then on, the process writes no core dump, and other processes of its user can't trace it. System calls that a running collector does not make
 * are refused: mounts, namespaces, ptrace, modules, changes of modes and owners, other users.
 * @param user what every thread becomes; null to stay
 * @param mayExecute false: it starts no program
 * @returns what is held now, as the kernel reports it
 * @throws PrivilegesError (EUNOMIA_PRIVILEGES) when the kernel refuses, or a thread still holds more
 */
export function dropPrivileges(keep: number, user: OtherUser | null = null, mayExecute = false): Privileges {
  try {
    loadAddon().dropPrivileges(BigInt(keep), user, mayExecute)
  } catch (cause) {
    throw new PrivilegesError(`privileges can't be dropped: ${messageOf(cause)}`, { cause })
  }
  const held = heldPrivileges()
  const { permitted, effective, inheritable, ambient, noNewPrivileges } = held
  const excess = without(permitted, keep) || without(effective, keep) || inheritable || ambient
  if (excess === 0 && noNewPrivileges) return held
  throw new PrivilegesError(`privileges are still held: ${capabilitiesText(excess) || 'a program that it starts can get new ones'}`)
}
