// The files generated from the table of system calls: C headers for the probes, and a TypeScript table for everything else.
// C is formatted as by clang-format.
import type { RecordSchema } from '../tree/schema-model.js'
import { namesByRecord, symbolsOf, type Abi, type CallRow } from './call-table.js'

/** Numbers of calls are below it: the size of the tables in the programs. */
const CALLS_MAX = 512
const GENERATED = 'Generated from schemas/calls.tsv by `npm run generate`. Do not edit: change the table.'
const LICENSE = '/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */'
const LINE_WIDTH = 140

/** All files generated from the table, by path. @param recordOf the record of a topic, whose types order the kinds */
export function callFiles(rows: readonly CallRow[], recordOf: (topic: string) => RecordSchema): ReadonlyMap<string, string> {
  const numbers = recordNumbers(rows)
  return new Map([
    ['bpf/kernel/call_numbers.h', numbersHeader(numbers)],
    ['bpf/kernel/calls_x86.h', tablesHeader(rows, numbers, 'x86')],
    ['bpf/kernel/calls_arm64.h', tablesHeader(rows, numbers, 'arm64')],
    ['bpf/kernel-call/call_kinds.bpf.h', kindsHeader(rows, numbers)],
    ['schemas/generated/calls.ts', typescriptOf(rows, numbers, recordOf)],
  ])
}

/**
 * Number of each call in records. Calls that x86-64 does not have, but a probe reads, count down from the end of the room: first those
 * without a symbol, so that a new one moves none.
 */
function recordNumbers(rows: readonly CallRow[]): ReadonlyMap<string, number> {
  const foreign = rows
    .filter(({ kind, x86_64, i386 }) => kind !== null && x86_64 === null && i386 !== null)
    .sort((one, other) => (one.symbol ?? 0) - (other.symbol ?? 0))
  return new Map([
    ...symbolsOf(rows)
      .flatMap(({ name, x86_64 }): [string, number][] => (x86_64 === null ? [] : [[name, x86_64]]))
      .sort(([, one], [, other]) => one - other),
    ...foreign.map(({ name }, index): [string, number] => [name, CALLS_MAX - 1 - index]),
  ])
}

const constantOf = (name: string): string => `NR_${name.toUpperCase()}`

function header(guard: string, comment: readonly string[], body: readonly string[]): string {
  const about = [GENERATED, ...comment].map((line) => ` * ${line}`).join('\n')
  return `${[LICENSE, `/*\n${about}\n */`, `#ifndef ${guard}`, `#define ${guard}`, ...body, '', '#endif'].join('\n')}\n`
}

function numbersHeader(numbers: ReadonlyMap<string, number>): string {
  return header(
    'EUNOMIA_CALL_NUMBERS_H',
    [
      'Numbers of system calls in records: those of x86-64, whatever the machine and the ABI of the caller. calls_x86.h and',
      'calls_arm64.h map the numbers of each ABI to these. Calls that x86-64 does not have are numbered down from CALLS_MAX.',
    ],
    [
      '',
      `#define CALLS_MAX ${String(CALLS_MAX)}`,
      '',
      'enum call_number {',
      ...[...numbers].map(([name, number]) => `\t${constantOf(name)} = ${String(number)},`),
      '};',
    ],
  )
}

function tablesHeader(rows: readonly CallRow[], numbers: ReadonlyMap<string, number>, machine: 'x86' | 'arm64'): string {
  const compat: Abi = machine === 'x86' ? 'i386' : 'arm32'
  const native: Abi = machine === 'x86' ? 'x86_64' : 'arm64'
  const read = rows.find(({ name }) => name === 'read')
  const readOf = (abi: Abi): string => String(read?.[abi] ?? (abi === 'arm32' ? read?.i386 : null))
  const table = (name: string, abi: Abi, size = 'CALLS_MAX', first = 0): string[] => [
    `const volatile __u16 ${name}[${size}] = {`,
    ...rows
      .flatMap((row): [number, string][] => {
        const call = row.sameAs ?? row.name
        const number = row[abi]
        return number === null || !numbers.has(call) || numbers.get(call) === 0 ? [] : [[number, call]]
      })
      .sort(([one], [other]) => one - other)
      .map(([number, call]) => `\t[${String(number - first)}] = ${constantOf(call)},`),
    '};',
  ]
  return header(
    `EUNOMIA_CALLS_${machine.toUpperCase()}_H`,
    [`Numbers of the ABIs of ${machine}, mapped to those of records. 0, which is read() and makes no record, is any other call.`],
    [
      '#include <linux/types.h>',
      '#include "kernel/call_numbers.h"',
      '',
      '/* The number of a native call is that of the record. */',
      `#define NATIVE_NUMBER_IS_OURS ${machine === 'x86' ? '1' : '0'}`,
      `#define NATIVE_READ\t      ${readOf(native)}`,
      `#define READ_OF_32_BIT\t      ${readOf(compat)}`,
      ...(machine === 'x86' ? [] : ['', ...table('native_calls', native)]),
      '',
      '/* Numbers that calls.tsv has, one bit each: calls of others are counted by number. */',
      ...knownTable('known_native_calls', rows, native),
      // Of the 32-bit calls of arm64 the table has only those that are read.
      ...knownTable('known_calls_of_32_bit', rows, machine === 'x86' ? compat : null),
      '',
      '/* clang-format off */',
      ...table('calls_of_32_bit', compat),
      ...(machine === 'x86'
        ? [`#define X32_FIRST ${String(CALLS_MAX)}`, '#define X32_CALLS 64', ...table('calls_of_x32', 'x32', 'X32_CALLS', CALLS_MAX)]
        : []),
    ],
  )
}

/** A bit for each number of an ABI. @param abi null: all are known */
function knownTable(name: string, rows: readonly CallRow[], abi: Abi | null): string[] {
  const words = Array.from({ length: CALLS_MAX / 64 }, () => (abi === null ? 2n ** 64n - 1n : 0n))
  for (const row of abi === null ? [] : rows) {
    const number = row[abi ?? 'x86_64']
    if (number !== null) words[number >> 6] = (words[number >> 6] ?? 0n) | (1n << BigInt(number & 63))
  }
  const texts = words.map((word) => `0x${word.toString(16).padStart(16, '0')}`)
  return [`const volatile __u64 ${name}[CALLS_MAX / 64] = {`, `\t${texts.slice(0, 4).join(', ')},`, `\t${texts.slice(4).join(', ')},`, '};']
}

/** Instead of a probe: calls that sys_exit counts without making a record. */
const COUNTED = 'count'

function kindsHeader(rows: readonly CallRow[], numbers: ReadonlyMap<string, number>): string {
  const kinds = new Map(rows.filter(({ probe }) => probe === 'syscalls' || probe === COUNTED).map(({ name, kind }) => [name, kind ?? '']))
  return header(
    'EUNOMIA_CALL_KINDS_BPF_H',
    [
      'Which system calls are recorded at sys_exit, and as which kind: one read of this table is all that every other call',
      'costs. It is the only writable data of the programs: the loader finds it by its name, and sets a call to KIND_NONE to',
      'leave it alone, at any time. socketcall and ipc have the kind of one of their operations until the first argument is',
      'read.',
    ],
    [
      '#include <linux/types.h>',
      '#include <bpf/bpf_helpers.h>',
      '#include "record/event.h"',
      '#include "kernel/call_numbers.h"',
      '',
      '__u8 call_kind[CALLS_MAX] SEC(".data.calls") = {',
      ...[...numbers.keys()]
        .filter((name) => kinds.has(name))
        .map((name) => `\t[${constantOf(name)}] = KIND_${(kinds.get(name) ?? '').toUpperCase()},`),
      '};',
    ],
  )
}

function typescriptOf(rows: readonly CallRow[], numbers: ReadonlyMap<string, number>, recordOf: (topic: string) => RecordSchema): string {
  const kinds = [...namesByRecord(rows, recordOf)].map(([topic, types]) => {
    const lines = [...types].map(([type, calls]) => `    ${type}: ${listOf(calls, '    ')},`)
    return `  ${topic}: {\n${lines.join('\n')}\n  },`
  })
  const withoutProbe = rows.filter(({ topic, probe }) => topic !== null && (probe === null || probe === COUNTED))
  const withArguments = symbolsOf(rows).filter((row) => row.arguments.size > 0)
  const abis = (['x86_64', 'i386', 'arm64', 'x32'] as const).map((abi) => `  ${abi}: [\n${runsOf(rows, abi)}\n  ],`)
  return `// ${GENERATED}
// System calls: their numbers, names, records and arguments.

/** Number in records of each call with a symbol in Avro, on every machine: that of x86-64, if it has one. */
export const CALL_NUMBERS = {
${symbolsOf(rows)
  .map(({ name }) => `  ${name}: ${String(numbers.get(name))},`)
  .join('\n')}
} as const

/** Event types by topic and type of record: what was done, and the calls (or other events) that do it. */
export const RECORD_KINDS: Readonly<Record<'process' | 'file' | 'network' | 'kernel', Readonly<Record<string, readonly string[]>>>> = {
${kinds.join('\n')}
}

/** Event types that records can have, but no probe makes. */
export const TYPES_WITHOUT_PROBE: readonly string[] = ${listOf(withoutProbe, '')}

/** Fields of a KernelEvent, with the reader of each and the argument that it reads. */
export const CALL_ARGUMENTS = {
${withArguments.map((row) => `  ${row.name}: { ${argumentsOf(row)} },`).join('\n')}
} as const

/** Names by ABI: runs of names from a first number on, - for a number that has none. */
export const CALL_NAMES: Readonly<Record<'x86_64' | 'i386' | 'arm64' | 'x32', readonly (readonly [first: number, names: string])[]>> = {
${abis.join('\n')}
}
`
}

function listOf(rows: readonly CallRow[], indent: string): string {
  const oneLine = `[${rows.map(({ name }) => `'${name}'`).join(', ')}]`
  return oneLine.length < LINE_WIDTH - 40 ? oneLine : `[\n${rows.map(({ name }) => `${indent}  '${name}',\n`).join('')}${indent}]`
}

function argumentsOf(row: CallRow): string {
  return [...row.arguments]
    .map(([field, [reader, argument]]) => `${field}: ['${reader}'${argument === null ? '' : `, ${String(argument)}`}]`)
    .join(', ')
}

/** A gap of this many numbers ends a run. */
const GAP = 16

function runsOf(rows: readonly CallRow[], abi: Abi): string {
  const calls = rows
    .flatMap((row): [number, string][] => (row[abi] === null ? [] : [[row[abi], row.name]]))
    .sort(([one], [other]) => one - other)
  const runs: { first: number; names: string[] }[] = []
  for (const [number, name] of calls) {
    const last = runs.at(-1)
    const gap = last === undefined ? Infinity : number - (last.first + last.names.length)
    if (last === undefined || gap >= GAP) runs.push({ first: number, names: [name] })
    else last.names.push(...new Array<string>(gap).fill('-'), name)
  }
  return runs.map(({ first, names }) => `    [\n      ${String(first)},\n      \`${wrap(names.join(' '))}\`,\n    ],`).join('\n')
}

function wrap(text: string): string {
  return text.replace(/(.{1,130})(?: |$)/g, '$1\n').trim()
}
