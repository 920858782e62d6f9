// How a call or a process ended, by name: `SUCCESS` or the errno of a call, and the signal (`SIGKILL`).
import { constants } from 'node:os'

const ERRNO_NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .reverse() // if two names share a number (EAGAIN and EWOULDBLOCK), the first one wins
    .map(([name, number]) => [number, name]),
)

/** @param result of a system call: negative for an errno */
export function resultText(result: number): string {
  if (result >= 0) return 'SUCCESS'
  return ERRNO_NAMES.get(-result) ?? String(result)
}

const SIGNAL_NAMES = (
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM ' +
  'PROF WINCH IO PWR SYS'
)
  .split(' ')
  .map((name) => `SIG${name}`)

/** Empty for 0 and for the real-time signals, which have no fixed names. */
export function signalText(signal: number): string {
  return SIGNAL_NAMES[signal - 1] ?? ''
}
