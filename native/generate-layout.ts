// Writes native/generated/layout.ts: offsets, sizes and numbers of the C headers that the kernel programs, the addon and TypeScript share.
// Names come from the headers, numbers from the C compiler. With --check it only compares. Part of `npm run generate`.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { packageRoot } from '../infra/process/package-root.js'
import { writeOrCheck } from '../infra/process/generated-files.js'

/** The headers, below bpf/. A header may include those before it. */
export const LAYOUT_HEADERS = [
  'network/socket_facts.h',
  'record/event_kinds.h',
  'record/event.h',
  'record/filters.h',
  'record/budgets.h',
  'record/reader.h',
  'process/environment.h',
  'usage/usage.h',
  'kernel-call/unknown_calls.h',
] as const

/** Read by the addon alone; its size would have the name of a define. */
const LEFT_OUT: ReadonlySet<string> = new Set(['struct environment_name'])

/** Enums that TypeScript also needs by name: the prefix of their members in C, and the name of the table. */
const TABLES: Readonly<Record<string, readonly [prefix: string, table: string]>> = {
  event_kind: ['KIND_', 'KIND'],
  event_topic: ['TOPIC_', 'SEQUENCE'],
  text_flags: ['TEXT_', 'TEXT'],
  kernel_filter: ['FILTER_', 'KERNEL_FILTERS'],
  open_way: ['OPEN_WAY_', 'OPEN_WAY'],
}

/** A constant of TypeScript, and the C expression that it is. */
interface Constant {
  readonly name: string
  readonly expression: string
}
/** What belongs together, under one heading. The keys of its table name constants, which are not exported by themselves. */
interface Group {
  readonly doc: string
  readonly constants: readonly Constant[]
  readonly table: { readonly name: string; readonly keys: ReadonlyMap<string, string> } | null
}

/** What a header says, without the numbers. */
export function groupsOf(header: string, text: string): readonly Group[] {
  const plain = text.replace(/\/\*[\s\S]*?\*\//g, '')
  const defines = [...plain.matchAll(/^#define (\w+)[ \t]+([\w ()<>|~+*-]+)$/gm)].map(([, name = '']) => ({ name, expression: name }))
  return [
    { doc: `#define of bpf/${header}.`, constants: defines, table: null },
    ...[...plain.matchAll(/^enum (\w+) \{([^}]*)\}/gm)].map(([, name = '', body = '']) => enumGroup(name, body)),
    ...[...plain.matchAll(/^struct (\w+) \{([^}]*)\}/gm)].map(([, name = '', body = '']) => structGroup(name, body)),
  ].filter(({ doc, constants }) => constants.length > 0 && !LEFT_OUT.has(doc.replace(/\.$/, '')))
}

function enumGroup(name: string, body: string): Group {
  const members = [...body.matchAll(/([A-Z]\w*)\s*(?:=[^,]*)?(?:,|$)/g)].map(([, member = '']) => member)
  const [prefix = '', table = ''] = TABLES[name] ?? []
  const isBound = (member: string): boolean => /_(NONE|MAX)$/.test(member)
  const keys = members.filter((member) => !isBound(member)).map((member): [string, string] => [camel(member.slice(prefix.length)), member])
  return {
    doc: `enum ${name}.`,
    constants: members.map((member) => ({ name: member, expression: member })),
    table: table === '' ? null : { name: table, keys: new Map(keys) },
  }
}

function structGroup(name: string, body: string): Group {
  const upper = name.toUpperCase()
  const fields = [...body.matchAll(/^\t(?:struct )?\w+ (\w+)(\[[^;]+)?;/gm)].filter(([, field]) => field !== 'pad' && field !== 'header')
  const offsets = fields.map(([, field = '']): Constant => {
    return { name: `${upper}_${field.toUpperCase()}`, expression: `offsetof(struct ${name}, ${field})` }
  })
  const constants = [{ name: `${upper}_BYTES`, expression: `sizeof(struct ${name})` }, ...offsets]
  const keys = constants.map((constant): [string, string] => [camel(constant.name.slice(upper.length + 1)), constant.name])
  return { doc: `struct ${name}.`, constants, table: { name: upper, keys: new Map(keys) } }
}

const camel = (name: string): string => name.toLowerCase().replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

/** The text of native/generated/layout.ts. @throws Error without a C compiler, or when two constants have one name */
export function layoutText(root = packageRoot()): string {
  const groups = LAYOUT_HEADERS.flatMap((header) => groupsOf(header, readFileSync(join(root, 'bpf', header), 'utf8')))
  const constants = groups.flatMap((group) => group.constants)
  const names = [...constants.map(({ name }) => name), ...groups.flatMap(({ table }) => table?.name ?? [])]
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new Error(`two constants would be named ${twice}: rename one in C`)
  const numbers = evaluate(root, constants)
  const head = [
    '// Generated from bpf/ by `npm run generate`. Do not edit: change the header.',
    '// Offsets and sizes in bytes of what the kernel programs share with user space, and their numbers. Everything is little endian.',
  ].join('\n')
  const text = [head, ...groups.map((group) => groupText(group, numbers))].join('\n\n')
  const hash = createHash('sha256').update(text).digest().readUInt32LE()
  return `${text}\n\n// Of all of it; bpf/record/layout_hash.h.\nexport const LAYOUT_HASH = ${String(hash)}\n`
}

function groupText({ doc, constants, table }: Group, numbers: ReadonlyMap<string, number>): string {
  const inTable = new Set(table?.keys.values())
  const lines = constants.filter(({ name }) => !inTable.has(name)).map(({ name }) => `export const ${name} = ${String(numbers.get(name))}`)
  if (table === null) return [`// ${doc}`, ...lines].join('\n')
  const members = [...table.keys].map(([key, member]) => `  ${key}: ${String(numbers.get(member))},`)
  return [`// ${doc}`, ...lines, `export const ${table.name} = {`, ...members, '} as const'].join('\n')
}

/** Compiles a program that prints each expression. The structs have types of fixed sizes only, so every machine agrees. */
function evaluate(root: string, constants: readonly Constant[]): ReadonlyMap<string, number> {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-layout-'))
  try {
    const source = [
      '#include <stddef.h>',
      '#include <stdio.h>',
      '#include <linux/types.h>',
      ...LAYOUT_HEADERS.map((header) => `#include "${header}"`),
      'int main(void) {',
      ...constants.map(({ expression }) => `\tprintf("%llu\\n", (unsigned long long)(${expression}));`),
      '}',
    ]
    writeFileSync(join(folder, 'layout.c'), source.join('\n'))
    execFileSync(process.env['CC'] ?? 'cc', ['-I', join(root, 'bpf'), '-o', join(folder, 'layout'), join(folder, 'layout.c')])
    const printed = execFileSync(join(folder, 'layout'), { encoding: 'utf8' }).trim().split('\n')
    return new Map(constants.map(({ name }, index) => [name, Number(printed[index])]))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Paths of the generated files below the package root. */
export const LAYOUT_FILE = 'native/generated/layout.ts'
export const LAYOUT_HASH_FILE = 'bpf/record/layout_hash.h'
/** Bits that records pass on as the kernel programs set them: readers of records know no layout. */
export const EXE_FLAGS_FILE = 'schemas/generated/exe-flags.ts'

/** The text of bpf/record/layout_hash.h. */
export function layoutHashText(layout: string): string {
  const hash = Number(/^export const LAYOUT_HASH = (\d+)$/m.exec(layout)?.[1])
  return [
    '/* SPDX-License-Identifier: GPL-2.0 OR BSD-3-Clause */',
    '/* Generated from bpf/ by `npm run generate`. Do not edit. Programs, addon and TypeScript fit together when each was',
    ' * built with the same layouts. */',
    '#ifndef EUNOMIA_LAYOUT_HASH_H',
    '#define EUNOMIA_LAYOUT_HASH_H',
    `#define LAYOUT_HASH 0x${hash.toString(16).padStart(8, '0')}U`,
    '#endif',
    '',
  ].join('\n')
}

/** The text of schemas/generated/exe-flags.ts: enum exe_flags. */
export function exeFlagsText(layout: string): string {
  const members = [...layout.matchAll(/^export const EXE_(\w+) = (\d+)$/gm)].map(([, name = '', bit = '']) => `  ${camel(name)}: ${bit},`)
  const head = [
    '// Generated from bpf/record/event.h by `npm run generate`. Do not edit: change the header.',
    '// Bits of Process.exeFlags and Ancestor.exeFlags; the header has the meaning of each.',
  ]
  return `${head.join('\n')}\nexport const EXE_FLAGS = {\n${members.join('\n')}\n} as const\n`
}

function main(): void {
  const layout = layoutText()
  writeOrCheck(
    new Map([
      [LAYOUT_FILE, layout],
      [LAYOUT_HASH_FILE, layoutHashText(layout)],
      [EXE_FLAGS_FILE, exeFlagsText(layout)],
    ]),
  )
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main()
