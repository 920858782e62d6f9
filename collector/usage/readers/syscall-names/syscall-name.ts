// Names of system calls by ABI and number. Knows the numbers of kernels up to the headers that the tables were made from.
import { arch } from 'node:os'
import { ARM64_CALLS } from './arm64.js'
import { I386_CALLS } from './i386.js'
import type { NumberedNames } from './numbered-names.js'
import { X32_CALLS } from './x32.js'
import { X86_64_CALLS } from './x86-64.js'

/** Names of the ABIs of a machine. */
export type AbiNames = Readonly<Record<'native' | 'compat32' | 'x32', ReadonlyMap<number, string>>>

const NONE: ReadonlyMap<number, string> = new Map()

/** The names on this machine, or on another one. @param machine as os.arch() gives it */
export function abiNames(machine = arch()): AbiNames {
  if (machine === 'x64') {
    return { native: mapOf(X86_64_CALLS), compat32: mapOf(I386_CALLS), x32: new Map([...mapOf(X86_64_CALLS), ...mapOf(X32_CALLS)]) }
  }
  return { native: machine === 'arm64' ? mapOf(ARM64_CALLS) : NONE, compat32: NONE, x32: NONE }
}

function mapOf(runs: NumberedNames): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [first, text] of runs) text.split(/\s+/).forEach((name, index) => void (name === '-' || names.set(first + index, name)))
  return names
}
