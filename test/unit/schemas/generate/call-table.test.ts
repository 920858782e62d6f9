// The table of system calls is refused where a row can't be right, with its place.
import assert from 'node:assert/strict'
import { namesByRecord, parseCallTable, readCallTable, symbolsOf } from '../../../../schemas/generate/call-table.js'
import { currentSchemas } from '../../../../schemas/schema-set.js'
import { SYSCALL_SYMBOLS } from '../../../../schemas/generated/types.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'

const HEAD = 'name\tx86_64\ti386\tarm64\tx32\tarm32\tsame_as\tsymbol\tkind\tprobe\trecord\targuments'
const READ = 'read\t0\t3\t63\t-\t-\t-\t1\t-\t-\t-\t-'
const FSOPEN = 'fsopen\t430\t430\t430\t-\t-\t-\t2\tmount\tsyscalls\tkernel.mount\tflags=u32:1,newFd=descriptor'

describe('the table of system calls', () => {
  it('is read with comments left out', () => {
    const [read, fsopen] = parseCallTable(`# comment\n${HEAD}\n${READ}\n${FSOPEN}\n`)
    assert.deepEqual([read?.x86_64, read?.x32, read?.topic, read?.arguments.size], [0, null, null, 0])
    assert.deepEqual([fsopen?.kind, fsopen?.probe, fsopen?.topic, fsopen?.type], ['mount', 'syscalls', 'kernel', 'mount'])
    assert.deepEqual(
      [...(fsopen?.arguments ?? [])],
      [
        ['flags', ['u32', 1]],
        ['newFd', ['descriptor', null]],
      ],
    )
  })

  const mistakes: [string, string, RegExp][] = [
    ['columns of another table', 'name\tnumber\n', /columns must be name/],
    ['a row that lacks a column', `${HEAD}\nread\t0\n`, /calls\.tsv:2: 2 columns/],
    ['a number that is none', `${HEAD}\n${READ.replace('\t63', '\tx')}\n`, /calls\.tsv:2: arm64/],
    ['an argument that no call has', `${HEAD}\n${READ.replace(/-$/, 'flags=u32:6')}\n`, /calls\.tsv:2: an argument/],
    ['a number that is given twice', `${HEAD}\n${READ}\n${FSOPEN.replace('\t430', '\t0')}\n`, /x86_64 0 appears twice/],
    ['a gap in the symbols', `${HEAD}\n${READ}\n${FSOPEN.replace('\t2\t', '\t3\t')}\n`, /fsopen has 3/],
    ['a symbol without a number in records', `${HEAD}\n${READ.replace('\t0', '\t-')}\n`, /read has a symbol, but no number/],
    ['a variant of no call', `${HEAD}\n${READ}\nread64\t-\t9\t-\t-\t-\tpread\t-\t-\t-\t-\t-\n`, /the same as no call: pread/],
  ]
  for (const [what, text, message] of mistakes) it(`is refused with ${what}`, () => assert.throws(() => parseCallTable(text), message))

  it('is refused with a record that has no such type', () => {
    const schemas = currentSchemas()
    const recordOf = (topic: string) => schemas.get(topic as TopicKey)?.schema ?? assert.fail(topic)
    const rows = parseCallTable(`${HEAD}\n${READ}\n${FSOPEN.replace('kernel.mount', 'kernel.mounted')}\n`)
    assert.throws(() => namesByRecord(rows, recordOf), /fsopen is of record kernel\.mounted/)
  })

  it('orders its symbols as the Avro enum has them', () => {
    assert.deepEqual(['UNKNOWN', ...symbolsOf(readCallTable()).map(({ name }) => name)], [...SYSCALL_SYMBOLS])
  })
})
