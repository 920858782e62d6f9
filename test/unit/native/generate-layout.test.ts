// The generated layout is that of the C headers, for every machine that the programs are compiled for.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../../infra/process/package-root.js'
import { groupsOf, LAYOUT_FILE, LAYOUT_HASH_FILE, LAYOUT_HEADERS, layoutHashText, layoutText } from '../../../native/generate-layout.js'
import * as layout from '../../../native/generated/layout.js'

const LAYOUT = layout as unknown as Readonly<Record<string, unknown>>

describe('the layout of what the kernel programs share', () => {
  it('is the one that the C compiler gives the headers today', () => {
    assert.equal(readFileSync(join(packageRoot(), LAYOUT_FILE), 'utf8'), layoutText())
  })

  it('has a hash that programs and addon are built with', () => {
    const header = readFileSync(join(packageRoot(), LAYOUT_HASH_FILE), 'utf8')
    assert.equal(header, layoutHashText(layoutText()))
    assert.equal(Number(/LAYOUT_HASH (0x[0-9a-f]{8})U/.exec(header)?.[1]), layout.LAYOUT_HASH)
  })

  for (const target of ['bpf', 'x86_64-linux-gnu', 'aarch64-linux-gnu']) {
    it(`is the same for ${target}`, () => {
      const groups = LAYOUT_HEADERS.flatMap((header) => groupsOf(header, readFileSync(join(packageRoot(), 'bpf', header), 'utf8')))
      const asserts = groups.flatMap(({ constants, table }) => {
        const keyOf = new Map([...(table?.keys ?? [])].map(([key, name]) => [name, key]))
        const numbers = (table === null ? {} : LAYOUT[table.name]) as Readonly<Record<string, number>>
        const numberOf = (name: string): unknown => (keyOf.has(name) ? numbers[keyOf.get(name) ?? ''] : LAYOUT[name])
        return constants.map(({ name, expression }) => `_Static_assert((${expression}) == ${String(numberOf(name))}u, "${name}");`)
      })
      assert.ok(asserts.length > 200)
      const includes = ['stddef.h', 'linux/types.h'].map((header) => `#include <${header}>`)
      const source = [...includes, ...LAYOUT_HEADERS.map((header) => `#include "${header}"`), ...asserts].join('\n')
      const flags = [
        '-target',
        target,
        '-fsyntax-only',
        '-Wno-sign-compare',
        '-I',
        join(packageRoot(), 'bpf'),
        '-I/usr/include/x86_64-linux-gnu',
        '-x',
        'c',
        '-',
      ]
      const { status, stderr } = spawnSync('clang-19', flags, { input: source, encoding: 'utf8' })
      assert.equal(status, 0, stderr)
    })
  }

  it('has the offsets that the comments of the header state', () => {
    const text = readFileSync(join(packageRoot(), 'bpf/record/event.h'), 'utf8')
    const [, header = ''] = /struct event_header \{([^}]*)\}/.exec(text) ?? []
    const stated = [...header.matchAll(/(\w+);\s+\/\* +(\d+)/g)].map(([, field = '', offset]) => [
      field.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      Number(offset),
    ])
    assert.ok(stated.length > 10)
    const offsets = layout.EVENT_HEADER as Readonly<Record<string, number>>
    for (const [field = '', offset] of stated) assert.equal(offsets[field], offset, String(field))
  })

  it('names enums and structs as C does, without padding and without the bounds of an enum in its table', () => {
    const groups = groupsOf(
      'record/some.h',
      '#define SOME_BYTES 4 /* of it */\nenum event_kind {\n\tKIND_NONE = 0,\n\tKIND_EXEC_REFUSED = 3, /* no */\n\tKIND_MAX = 64,\n};\nstruct some_record {\n\tstruct event_header header;\n\t__u32 pid;\n\t__u8 bits[8 / 2];\n\t__u32 pad;\n};\n',
    )
    assert.deepEqual(
      groups.flatMap(({ constants }) => constants.map(({ name }) => name)),
      ['SOME_BYTES', 'KIND_NONE', 'KIND_EXEC_REFUSED', 'KIND_MAX', 'SOME_RECORD_BYTES', 'SOME_RECORD_PID', 'SOME_RECORD_BITS'],
    )
    assert.deepEqual([...(groups[1]?.table?.keys ?? [])], [['execRefused', 'KIND_EXEC_REFUSED']])
    assert.deepEqual([...(groups[2]?.table?.keys.keys() ?? [])], ['bytes', 'pid', 'bits'])
  })
})
