// System calls by number: the table has the numbers of the kernel's own headers, of every ABI that Debian ships.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { abiNames, callNames, syscallSymbol } from '../../../schemas/calls.js'
import { readCallTable, type Abi } from '../../../schemas/generate/call-table.js'
import { CALL_NUMBERS, RECORD_KINDS } from '../../../schemas/generated/calls.js'
import { SYSCALL_SYMBOLS } from '../../../schemas/generated/types.js'

/** Debian's linux-libc-dev, with whose headers the programs are compiled. */
const HEADERS = '/usr/include/x86_64-linux-gnu/asm'
/** arch/arm64/include/uapi/asm/unistd.h. */
const WANTED_BY_ARM64 = ['RENAMEAT', 'NEW_STAT', 'SET_GET_RLIMIT', 'TIME32_SYSCALLS', 'SYS_CLONE3', 'MEMFD_SECRET']

function numbersOfX86(header: string): ReadonlyMap<string, number> {
  const text = readFileSync(join(HEADERS, header), 'utf8')
  const lines = text.matchAll(/^#define __NR_(\w+) (?:\(__X32_SYSCALL_BIT \+ )?(\d+)\)?$/gm)
  return new Map([...lines].map(([, name = '', number]) => [name, Number(number)]))
}

/** The generic table, as the compiler resolves its macros. */
function numbersOfArm64(): ReadonlyMap<string, number> {
  const wanted = WANTED_BY_ARM64.map((name) => `-D__ARCH_WANT_${name}`)
  const text = execFileSync('cc', [...wanted, '-E', '-dM', '-include', 'asm-generic/unistd.h', '-x', 'c', '/dev/null'], {
    encoding: 'utf8',
  })
  const macros = new Map([...text.matchAll(/^#define (__NR\w*) (\S+)$/gm)].map(([, name = '', value = '']) => [name, value]))
  const resolve = (value: string): string => (macros.has(value) ? resolve(macros.get(value) ?? '') : value)
  const calls = [...macros].filter(([name]) => name.startsWith('__NR_') && !['__NR_syscalls', '__NR_arch_specific_syscall'].includes(name))
  return new Map(calls.map(([name, value]) => [name.slice('__NR_'.length), Number(resolve(value))]))
}

describe('the table of system calls', () => {
  const rows = new Map(readCallTable().map((row) => [row.name, row]))
  const headers: [Abi, ReadonlyMap<string, number>][] = [
    ['x86_64', numbersOfX86('unistd_64.h')],
    ['i386', numbersOfX86('unistd_32.h')],
    ['x32', numbersOfX86('unistd_x32.h')],
    ['arm64', numbersOfArm64()],
  ]

  for (const [abi, numbers] of headers) {
    it(`has every call of the kernel's headers with its number on ${abi}`, () => {
      assert.ok(numbers.size > 300)
      for (const [name, number] of numbers) {
        const row = rows.get(name)
        assert.equal(row?.[abi] ?? (abi === 'x32' ? row?.x86_64 : null), number, name)
      }
    })
  }

  it('has the numbers that the program of the tracker file-usage uses', () => {
    const text = readFileSync(join(packageRoot(), 'bpf/usage/file_calls.bpf.h'), 'utf8')
    const [native = '', compat = ''] = text.split('compat_file_call')
    const [x86 = '', arm64 = ''] = native.split('#else')
    const parts: [Abi, string][] = [
      ['x86_64', x86],
      ['arm64', arm64],
      ['i386', compat],
    ]
    for (const [abi, part] of parts) {
      const cases = [...part.matchAll(/case (\d+):\s+\/\* (\w+) \*\//g)]
      assert.ok(cases.length > 5, abi)
      for (const [, number, name = ''] of cases) assert.equal(rows.get(name)?.[abi], Number(number), `${abi} ${name}`)
    }
  })
})

describe('symbols of system calls', () => {
  it('are found by their number; any other number is UNKNOWN', () => {
    for (const [name, number] of Object.entries(CALL_NUMBERS)) assert.equal(SYSCALL_SYMBOLS[syscallSymbol(number)], name)
    for (const number of [5, 9, 511, 512, 0xffffffff, -1, NaN]) assert.equal(SYSCALL_SYMBOLS[syscallSymbol(number)], 'UNKNOWN')
  })
})

describe('names of system calls', () => {
  it('are those of each ABI of a machine', () => {
    const { native, compat32, x32 } = abiNames('x64')
    assert.deepEqual([native.get(59), compat32.get(11), x32.get(59), x32.get(520)], ['execve', 'execve', 'execve', 'execve'])
    assert.equal(compat32.get(198), 'lchown32')
    assert.equal(abiNames('arm64').native.get(98), 'futex')
    assert.equal(abiNames('s390x').native.size, 0)
  })

  it('of records are calls, or events that are none', () => {
    const calls = callNames()
    const others = Object.values(RECORD_KINDS)
      .flatMap((kinds) => Object.values(kinds).flat())
      .filter((name) => !calls.has(name))
    assert.deepEqual(others, ['procexit', 'dns', 'io_uring', 'signaldeliver', 'oom_kill', 'drop'])
  })
})
