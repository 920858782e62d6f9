// A system call of the usage tables, by the names that records use.
import { ABI_COMPAT_32, ABI_NATIVE, ABI_X32, USAGE_CALLS } from '../../../native/generated/layout.js'
import type { SyscallCount } from '../../../schemas/generated/types.js'
import type { AbiNames } from '../../../schemas/calls.js'

const ABIS: Partial<Record<number, keyof AbiNames>> = { [ABI_NATIVE]: 'native', [ABI_COMPAT_32]: 'compat32', [ABI_X32]: 'x32' }

/** Name, ABI and number of a call. */
export function syscallOf(names: AbiNames, abiIndex: number, number: number): Omit<SyscallCount, 'count'> {
  const abi = ABIS[abiIndex]
  if (abi === undefined || number >= USAGE_CALLS) return { name: 'unknown', abi: abi ?? 'UNKNOWN', number: -1 }
  return { name: names[abi].get(number) ?? `call_${String(number)}`, abi, number }
}
