// Fallback for a process without a kernel record (its fork and exec were lost): /proc, if the same process still exists.
// Start times in /proc have a resolution of 10 ms; they only serve to reject another process with the same pid. All reads are bounded.
import { closeSync, openSync, readlinkSync, readSync } from 'node:fs'
import { COMM_BYTES } from '../../native/generated/layout.js'
import { TaskFacts } from '../ring-events/task-facts.js'
import { textsOf, type ProcessTexts } from './process-texts.js'

/** USER_HZ is 100 on all supported architectures. */
const TICK_US = 10_000
const STAT_BYTES = 1024

/** A process as /proc reports it. */
export interface ProcProcess {
  readonly facts: TaskFacts
  readonly texts: ProcessTexts
}

/** Reads one process. Null when it has ended, is another one, or can't be read. */
export type ProcReader = (pid: number, startUs: number) => ProcProcess | null

/** Reads /proc below `root`, at most `argsBytes` of the arguments. */
export function procReader(root: string, argsBytes: number): ProcReader {
  return (pid, startUs) => {
    const folder = `${root}/${String(pid)}`
    try {
      const facts = readFacts(folder, startUs)
      if (facts === null) return null
      const args = readStart(`${folder}/cmdline`, argsBytes + 1)
      const texts = textsOf(args.subarray(0, argsBytes), args.length, readLink(`${folder}/exe`), readLink(`${folder}/cwd`))
      // Read again: the pid may have been reused since the first read.
      return readFacts(folder, startUs) === null ? null : { facts, texts }
    } catch {
      return null
    }
  }
}

/** Fields of stat after the command name, which may itself contain blanks and brackets. @see proc_pid_stat(5) */
function readFacts(folder: string, startUs: number): TaskFacts | null {
  const stat = readStart(`${folder}/stat`, STAT_BYTES)
  const nameStart = stat.indexOf(0x28) + 1
  const nameEnd = stat.lastIndexOf(0x29)
  if (nameStart === 0 || nameEnd < nameStart) return null
  const fields = Buffer.from(stat.subarray(nameEnd + 2))
    .toString('latin1')
    .split(' ')
    .map(Number)
  const [, parentPid, processGroupId, sessionId, tty] = fields
  // starttime is field 22; fields[0] is field 3.
  if (fields[19] !== Math.floor(startUs / TICK_US)) return null
  const facts = new TaskFacts()
  facts.comms = new Uint8Array(2 * COMM_BYTES)
  facts.comms.set(stat.subarray(nameStart, Math.min(nameEnd, nameStart + COMM_BYTES - 1)))
  facts.parentPid = parentPid ?? 0
  facts.processGroupId = processGroupId ?? 0
  facts.sessionId = sessionId ?? 0
  facts.tty = tty ?? 0
  return facts
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
