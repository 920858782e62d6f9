// Which process a pid file means: the pid alone is not enough, since the kernel gives it to others later.
// Pid, boot and start time together name one process for ever; nothing is killed before all three agree.
import { readFileSync } from 'node:fs'

/** One process of one boot. */
export interface ProcessIdentity {
  readonly pid: number
  readonly bootId: string
  /** Field 22 of /proc/PID/stat: clock ticks between boot and start. */
  readonly startTicks: string
}

/** Identity of a running process, or undefined when there is none with this pid (a zombie whose threads have all ended counts as gone). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  try {
    const stat = readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
    // The command name stands in parentheses and may hold anything; fields are counted behind the last one.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const state = fields[0]
    const startTicks = fields[19]
    if (startTicks === undefined || state === undefined) return undefined
    // Of a process that is killed, the first thread may be a zombie while others still hold its ports and files.
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

/** Sends a signal to exactly this process; false when it is gone. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isAlive(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch {
    return false
  }
}
