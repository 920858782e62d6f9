// Calls with a number that no table has, as counters of the heartbeat: `calls.unknown.ABI.NUMBER`. Knows the bytes of
// bpf/kernel-call/unknown_calls.h.
import { ABI_COMPAT_32, ABI_X32, UNKNOWN_CALL, UNKNOWN_CALL_OTHERS } from '../native/generated/layout.js'

/** Beginning of the counters; ABI and number follow. */
export const UNKNOWN_CALL_COUNTERS = 'calls.unknown.'
/** Numbers that a heartbeat lists: the lowest, since those may exist on newer kernels; the others are one sum. */
const MAX_LISTED = 256

/** Counters from a reading of the table. */
export function unknownCallCounters(bytes: Buffer): Record<string, number> {
  const calls: { readonly abi: string; readonly number: number; readonly count: number }[] = []
  let others = 0
  for (let at = 0; at + UNKNOWN_CALL.bytes + 8 <= bytes.length; at += UNKNOWN_CALL.bytes + 8) {
    const number = bytes.readUInt32LE(at + UNKNOWN_CALL.number)
    const count = Number(bytes.readBigUInt64LE(at + UNKNOWN_CALL.bytes))
    if (number === UNKNOWN_CALL_OTHERS) others += count
    else calls.push({ abi: abiOf(bytes.readUInt32LE(at + UNKNOWN_CALL.abi)), number, count })
  }
  calls.sort((one, other) => one.number - other.number || (one.abi < other.abi ? -1 : 1))
  for (const { count } of calls.slice(MAX_LISTED)) others += count
  const counters = Object.fromEntries(
    calls.slice(0, MAX_LISTED).map(({ abi, number, count }) => [`${UNKNOWN_CALL_COUNTERS}${abi}.${String(number)}`, count]),
  )
  return others === 0 ? counters : { ...counters, [`${UNKNOWN_CALL_COUNTERS}others`]: others }
}

const abiOf = (abi: number): string => (abi === ABI_X32 ? 'x32' : abi === ABI_COMPAT_32 ? 'compat32' : 'native')
