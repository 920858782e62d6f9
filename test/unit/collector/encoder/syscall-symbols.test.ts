// Numbers of system calls: those of the kernel's own table.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { SYSCALL_NUMBERS, syscallSymbol } from '../../../../collector/encoder/syscall-symbols.js'
import { SYSCALL_SYMBOLS } from '../../../../schemas/generated/types.js'

/** Debian's linux-libc-dev, which the programs are compiled with. */
const KERNEL_TABLE = '/usr/include/x86_64-linux-gnu/asm/unistd_64.h'

describe('symbols of system calls', () => {
  it('have the numbers that the kernel gives them on x86-64', () => {
    const text = readFileSync(KERNEL_TABLE, 'utf8')
    const table = new Map([...text.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, number]) => [name, Number(number)]))
    for (const [name, number] of Object.entries(SYSCALL_NUMBERS)) assert.equal(number, table.get(name), name)
  })

  it('are found by the number, and UNKNOWN stands for every other', () => {
    for (const [name, number] of Object.entries(SYSCALL_NUMBERS)) assert.equal(SYSCALL_SYMBOLS[syscallSymbol(number)], name)
    for (const number of [5, 9, 511, 512, 0xffffffff, -1, NaN]) assert.equal(SYSCALL_SYMBOLS[syscallSymbol(number)], 'UNKNOWN')
  })
})
