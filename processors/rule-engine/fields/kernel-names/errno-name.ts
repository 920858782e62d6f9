// Results of system calls as text: `SUCCESS`, or the name of the errno.
import { constants } from 'node:os'

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.errno)
    .reverse() // where two names share a number (EAGAIN and EWOULDBLOCK), the first one is kept
    .map(([name, number]) => [number, name]),
)

/** @param result of a system call: negative for an errno */
export function resultText(result: number): string {
  if (result >= 0) return 'SUCCESS'
  return NAMES.get(-result) ?? String(result)
}
