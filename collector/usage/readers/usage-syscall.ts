// A system call of the usage tables as records name it.
import type { SyscallCount } from '../../../schemas/generated/types.js'
import type { AbiNames } from '../../../schemas/calls.js'

/** enum usage_abi. */
const ABIS = ['native', 'compat32', 'x32'] as const
/** USAGE_CALLS: numbers above have no name, and are one. */
export const USAGE_CALLS = 1024

/** Name, ABI and number of a call. */
export function syscallOf(names: AbiNames, abiIndex: number, number: number): Omit<SyscallCount, 'count'> {
  const abi = ABIS[abiIndex]
  if (abi === undefined || number >= USAGE_CALLS) return { name: 'unknown', abi: abi ?? 'UNKNOWN', number: -1 }
  return { name: names[abi].get(number) ?? `call_${String(number)}`, abi, number }
}
