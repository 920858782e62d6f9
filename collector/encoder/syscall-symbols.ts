// System call numbers to the symbols of the Avro enum. Numbers are those of x86-64: the programs translate other architectures.
// @see arch/x86/entry/syscalls/syscall_64.tbl
import { SYSCALL_SYMBOLS, type Syscall } from '../../schemas/generated/types.js'

/** Number of each system call that has a symbol. */
export const SYSCALL_NUMBERS: Readonly<Record<Exclude<Syscall, 'UNKNOWN'>, number>> = {
  open: 2,
  clone: 56,
  fork: 57,
  vfork: 58,
  execve: 59,
  exit: 60,
  creat: 85,
  exit_group: 231,
  openat: 257,
  execveat: 322,
  clone3: 435,
  openat2: 437,
}

const SYMBOL_BY_NUMBER: readonly number[] = (() => {
  const table = new Array<number>(512).fill(0)
  for (const [name, number] of Object.entries(SYSCALL_NUMBERS)) table[number] = SYSCALL_SYMBOLS.indexOf(name as Syscall)
  return table
})()

/** Index of the symbol of a system call; that of UNKNOWN for one that has none. */
export function syscallSymbol(number: number): number {
  return SYMBOL_BY_NUMBER[number] ?? 0
}
