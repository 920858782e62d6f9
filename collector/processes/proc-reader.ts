// Fallback for a process without a kernel record (its fork and exec were lost): /proc, if the same process still exists.
// Start times in /proc have a resolution of 10 ms; they only serve to reject another process with the same pid. All reads are bounded, also in time:
// cmdline shows memory of the process, which can hold up who reads it.
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { COMM_BYTES } from '../../native/generated/layout.js'
import { readOfOther } from '../../native/index.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { textsOf, type ProcessTexts } from './process-texts.js'

/** USER_HZ is 100 on all supported architectures. */
const TICK_US = 10_000
const STAT_BYTES = 1024
/** Most that one process may hold up the reader. */
const ARGS_DEADLINE_MS = 50
/** After that, arguments are not read for so many times as long: processes that do this take 2 % of the time. */
const PAUSE_FACTOR = 50

/** A process as /proc reports it. */
export interface ProcProcess {
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
  /** The arguments were given up, because reading them did not end in time. */
  readonly areArgsBlocked?: boolean
}

/** Reads one process. Null when it has ended, is another one, or can't be read. */
export type ProcReader = (pid: number, startUs: number) => ProcProcess | null

/** What the reader takes from outside, for tests. */
export interface ProcReaderDeps {
  /** @see readOfOther */
  readonly readArgs?: (path: string, maxBytes: number, deadlineMs: number) => Uint8Array | 'blocked' | null
  readonly nowMs?: () => number
}

/** Reads /proc below `root`, at most `argsBytes` of the arguments. */
export function procReader(root: string, argsBytes: number, deps: ProcReaderDeps = {}): ProcReader {
  const { readArgs = readOfOther, nowMs = () => performance.now() } = deps
  let readsAgainMs = 0
  const argsOf = (folder: string): Uint8Array | 'blocked' | null => {
    const startMs = nowMs()
    if (startMs < readsAgainMs) return 'blocked'
    const args = readArgs(`${folder}/cmdline`, argsBytes + 1, ARGS_DEADLINE_MS)
    if (args === 'blocked') readsAgainMs = nowMs() + PAUSE_FACTOR * (nowMs() - startMs)
    return args
  }
  return (pid, startUs) => {
    const folder = `${root}/${String(pid)}`
    try {
      const before = readStat(folder, startUs)
      const args = before === null ? null : argsOf(folder)
      if (before === null || args === null) return null
      const read = args === 'blocked' ? new Uint8Array(0) : args
      const total = args === 'blocked' ? Math.max(1, before.argsTotal) : read.length
      const texts = textsOf(read.subarray(0, argsBytes), total, readLink(`${folder}/exe`), readLink(`${folder}/cwd`))
      // Read again: the pid may have been reused since the first read.
      if (readStat(folder, startUs) === null) return null
      return { facts: before.facts, texts, areArgsBlocked: args === 'blocked' }
    } catch {
      return null
    }
  }
}

/** Fields of stat after the command name, which may itself contain blanks and brackets. @see proc_pid_stat(5) */
function readStat(folder: string, startUs: number): { readonly facts: TaskFacts; readonly argsTotal: number } | null {
  const stat = readStart(`${folder}/stat`, STAT_BYTES)
  const nameStart = stat.indexOf(0x28) + 1
  const nameEnd = stat.lastIndexOf(0x29)
  if (nameStart === 0 || nameEnd < nameStart) return null
  const fields = Buffer.from(stat.subarray(nameEnd + 2))
    .toString('latin1')
    .split(' ')
    .map(Number)
  const [, parentPid, processGroupId, sessionId, tty] = fields
  // starttime is field 22, arg_start and arg_end are 48 and 49; fields[0] is field 3.
  if (fields[19] !== Math.floor(startUs / TICK_US)) return null
  const facts = new TaskFacts()
  facts.comms = new Uint8Array(2 * COMM_BYTES)
  facts.comms.set(stat.subarray(nameStart, Math.min(nameEnd, nameStart + COMM_BYTES - 1)))
  facts.parentPid = parentPid ?? 0
  facts.processGroupId = processGroupId ?? 0
  facts.sessionId = sessionId ?? 0
  facts.tty = tty ?? 0
  return { facts, argsTotal: (fields[46] ?? 0) - (fields[45] ?? 0) }
}

function readStart(path: string, maxBytes: number): Uint8Array {
  const file = openSync(path, 'r')
  try {
    const bytes = new Uint8Array(maxBytes)
    let length = 0
    for (let read = -1; read !== 0 && length < maxBytes; length += read) read = readSync(file, bytes, length, maxBytes - length, null)
    return bytes.slice(0, length)
  } finally {
    closeSync(file)
  }
}

function readLink(path: string): Uint8Array | null {
  try {
    return new Uint8Array(readlinkSync(path, { encoding: 'buffer' }))
  } catch {
    return null
  }
}
