// A sample of all processes of this host from /proc: CPU used so far and memory. Names are untrusted; nothing is printed here.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readOfOther } from '../../native/index.js'

/** Bound of sampled processes; the rest is counted. */
export const MAX_PROCESSES = 65_536

/** One process. */
export interface ProcProcess {
  readonly pid: number
  /** Start in ticks since boot; with the pid it identifies a process. */
  readonly startTicks: number
  /** Command name, at most 15 bytes. */
  readonly name: string
  /** CPU time so far, user and system, ticks. */
  readonly cpuTicks: number
  readonly rssBytes: number
}

/** A sample of all processes. */
export interface ProcSample {
  /** Monotonic, milliseconds. */
  readonly atMs: number
  readonly processes: ReadonlyMap<number, ProcProcess>
  /** Processes beyond the bound. */
  readonly leftOut: number
}

/** USER_HZ is 100 on all architectures that we build for. */
export const TICKS_PER_SECOND = 100
const DEFAULT_PAGE_BYTES = 4096
/** AT_PAGESZ, include/uapi/linux/auxvec.h. */
const AT_PAGESZ = 6n

/** Reads /proc, or a given folder. Processes that end in the meantime, or cannot be read, are omitted. */
export function sampleProcesses(root = '/proc', maxProcesses = MAX_PROCESSES): ProcSample {
  const pageBytes = pageBytesOf(root)
  const pids = readdirSync(root).filter((name) => /^[1-9]\d{0,9}$/.test(name))
  const processes = new Map<number, ProcProcess>()
  for (const pid of pids.slice(0, maxProcesses)) {
    const process = readProcess(root, Number(pid), pageBytes)
    if (process !== null) processes.set(process.pid, process)
  }
  return { atMs: performance.now(), processes, leftOut: Math.max(0, pids.length - maxProcesses) }
}

/** The process may hold up who reads its arguments, so they are given up after this time. */
const ARGS_DEADLINE_MS = 50

/** The arguments, at most `maxBytes`; null for a kernel thread, or if they cannot be read in time. */
export function commandLineOf(pid: number, root = '/proc', maxBytes = 4096, deadlineMs = ARGS_DEADLINE_MS): string | null {
  const bytes = readOfOther(join(root, String(pid), 'cmdline'), maxBytes, deadlineMs)
  if (bytes === null || bytes === 'blocked' || bytes.length === 0) return null
  return Buffer.from(bytes).toString('utf8').replace(/\0+$/, '').replaceAll('\0', ' ')
}

/** Fields of stat after the command name, which may contain blanks and brackets. @see proc_pid_stat(5) */
function readProcess(root: string, pid: number, pageBytes: number): ProcProcess | null {
  const stat = read(join(root, String(pid), 'stat'))?.toString('utf8') ?? ''
  const nameEnd = stat.lastIndexOf(')')
  const nameStart = stat.indexOf('(') + 1
  if (nameStart === 0 || nameEnd < nameStart) return null
  // The first of them is field 3.
  const fields = stat
    .slice(nameEnd + 2)
    .split(' ')
    .map(Number)
  const [userTicks, systemTicks, startTicks, rssPages] = [fields[11], fields[12], fields[19], fields[21]]
  if (userTicks === undefined || systemTicks === undefined || startTicks === undefined || rssPages === undefined) return null
  const cpuTicks = userTicks + systemTicks
  return { pid, startTicks, name: stat.slice(nameStart, nameEnd), cpuTicks, rssBytes: Math.max(0, rssPages) * pageBytes }
}

function pageBytesOf(root: string): number {
  const auxv = read(join(root, 'self/auxv'))
  for (let at = 0; auxv !== null && at + 16 <= auxv.length; at += 16) {
    if (auxv.readBigUInt64LE(at) === AT_PAGESZ) return Number(auxv.readBigUInt64LE(at + 8))
  }
  return DEFAULT_PAGE_BYTES
}

function read(path: string): Buffer | null {
  try {
    return readFileSync(path)
  } catch {
    return null
  }
}
