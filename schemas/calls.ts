// System calls by number: the symbol that an event has, and the names of each ABI. The table is schemas/calls.tsv.
import { arch } from 'node:os'
import { CALL_NAMES, CALL_NUMBERS } from './generated/calls.js'
import { SYSCALL_SYMBOLS, type Syscall } from './generated/types.js'

/** CALLS_MAX of bpf/kernel/call_numbers.h: numbers in records are below it. */
const CALLS_MAX = 512

const SYMBOL_BY_NUMBER: readonly number[] = (() => {
  const table = new Array<number>(CALLS_MAX).fill(0)
  for (const [name, number] of Object.entries(CALL_NUMBERS)) table[number] = SYSCALL_SYMBOLS.indexOf(name as Syscall)
  return table
})()

/** Index of the symbol of a call, by its number in records; that of UNKNOWN for a call without one. */
export function syscallSymbol(number: number): number {
  // A call without a number has one that is no index of an array, which would be looked up as a text.
  return number < CALLS_MAX ? (SYMBOL_BY_NUMBER[number] ?? 0) : 0
}

/** Names of the calls of a machine, by ABI and number. */
export type AbiNames = Readonly<Record<'native' | 'compat32' | 'x32', ReadonlyMap<number, string>>>

const NONE: ReadonlyMap<number, string> = new Map()

/** The names on a machine: this one by default. @param machine as os.arch() returns it */
export function abiNames(machine = arch()): AbiNames {
  if (machine !== 'x64') return { native: machine === 'arm64' ? namesOf('arm64') : NONE, compat32: NONE, x32: NONE }
  const native = namesOf('x86_64')
  return { native, compat32: namesOf('i386'), x32: new Map([...native, ...namesOf('x32')]) }
}

/** Names of the calls that any ABI has. */
export function callNames(): ReadonlySet<string> {
  return new Set((Object.keys(CALL_NAMES) as (keyof typeof CALL_NAMES)[]).flatMap((abi) => [...namesOf(abi).values()]))
}

function namesOf(abi: keyof typeof CALL_NAMES): ReadonlyMap<number, string> {
  const names = new Map<number, string>()
  for (const [first, text] of CALL_NAMES[abi]) {
    text.split(/\s+/).forEach((name, index) => void (name === '-' || names.set(first + index, name)))
  }
  return names
}
