// What is remembered of the values of a record: never for other values.
import assert from 'node:assert/strict'
import { MEMO_INPUTS, ValueMemo } from '../../../../../processors/rule-engine/compiled/value-memo.js'
import { RecordScanners } from '../../../../../processors/rule-engine/compiled/record-scanners.js'
import type { ScannedRecord } from '../../../../../processors/rule-engine/fields/bytes/scanned-record.js'
import { Codec } from '../../../../../schemas/codec.js'
import type { FileEvent, Process } from '../../../../../schemas/generated/types.js'
import { sampleFileEvent, sampleProcess } from '../../../../support/records/sample-records.js'

const codec = new Codec()
const scanners = new RecordScanners(codec)

function scanned(change: Partial<FileEvent>, process: Partial<Process> = {}): ScannedRecord {
  const bytes = codec.encode('file', sampleFileEvent({ ...change, process: sampleProcess(process) }))
  return scanners.of('file').scan(bytes, 0, bytes.length) ?? assert.fail()
}

describe('a memo of values', () => {
  it('knows the same values again, and no others', () => {
    const memo = new ValueMemo(MEMO_INPUTS.path)
    const changes: readonly Partial<FileEvent>[] = [
      { path: '/etc/shadow' },
      { path: '/etc/shadov' },
      { path: '/etc/shado' },
      { path: '/etc/shadow', newPath: '' },
      { path: '/etc/shadow', newPath: '/x' },
      { path: null },
      { path: '' },
      { path: '/etc/shadow', result: -2 },
      { path: '/etc/shadow', result: -13 },
      { path: '/etc/shadow', pathSource: 'argument' },
      { path: '/etc/shadow', flags: 0o200000 },
      { path: '/etc/shadow', isCreate: true },
      { path: '/etc/shadow', isCreated: true },
      { path: '/etc/shadow', fd: 3 },
      { path: '/etc/shadow', type: 'unlink' },
      { path: '/etc/shadow', descriptorType: 'directory' },
    ]
    for (const change of changes) assert.equal(memo.find(scanned(change)), -1, JSON.stringify(change))
    changes.forEach((change, index) => {
      assert.equal(memo.find(scanned(change)), -1)
      memo.keep(index)
      assert.equal(memo.find(scanned({ ...change, result: change.result ?? 9 })), index)
    })
    memo.clear()
    for (const change of changes) assert.equal(memo.find(scanned(change)), -1)
  })

  it('tells the texts of a program apart from each other', () => {
    const memo = new ValueMemo(MEMO_INPUTS.program)
    const programs: readonly Partial<Process>[] = [
      { name: 'ab', args: ['c'] },
      { name: 'a', args: ['bc'] },
      { name: 'ab', args: ['c', ''] },
      { name: 'ab', args: [] },
      { name: 'ab', args: [''] },
      { name: 'ab', args: ['c'], exePath: null },
      { name: 'ab', args: ['c'], exePath: '' },
      { name: 'ab', args: ['c'], program: 'x' },
    ]
    programs.forEach((program, index) => {
      assert.equal(memo.find(scanned({}, program)), -1, JSON.stringify(program))
      memo.keep(index)
    })
    assert.equal(memo.find(scanned({}, programs.at(-1) ?? {})), programs.length - 1)
  })

  it('tells arguments apart when the ancestors are not known, too', () => {
    const memo = new ValueMemo(MEMO_INPUTS.program)
    const withArgs = (command: string, isKnown: boolean): ScannedRecord => {
      const record = scanned({}, { args: ['sh', '-c', command] })
      record.ancestors.isKnown = isKnown
      return record
    }
    for (const [command, isKnown] of [
      ['ls', false],
      ['id', false],
      ['ls', true],
    ] as const) {
      assert.equal(memo.find(withArgs(command, isKnown)), -1, `${command} ${String(isKnown)}`)
      memo.keep(7)
      assert.equal(memo.find(withArgs(command, isKnown)), 7)
    }
  })

  it('takes keys up to its bound in each place, and none beyond', () => {
    const memo = new ValueMemo(MEMO_INPUTS.path)
    const longest = new Set<number>()
    const refused = new Set<number>()
    const path = 'p'.repeat(320)
    // Two thousand of a length meet each of the 1,024 places, or nearly.
    for (let index = 0; index < 20_000; index++) {
      const record = scanned({ path: `/${String(index)}/${path}`.slice(0, 308 + (index % 10)) })
      const place = memo.find(record)
      if (place === -2) refused.add(308 + (index % 10))
      else {
        longest.add(308 + (index % 10))
        if (place === -1) memo.keep(index)
        assert.equal(memo.find(record), place === -1 ? index : place)
      }
    }
    assert.deepEqual([Math.max(...longest) < Math.min(...refused), longest.size + refused.size], [true, 10])
  })

  it('does not remember values of many bytes', () => {
    assert.equal(new ValueMemo(MEMO_INPUTS.program).find(scanned({}, { args: ['x'.repeat(10_000)] })), -2)
  })

  it('is not asked while values do not come again, and later once more', () => {
    const memo = new ValueMemo(MEMO_INPUTS.path)
    let asked = 0
    let index = 0
    for (; index < 4097 && memo.isWorthIt(); index++) memo.find(scanned({ path: `/tmp/${String(index)}` }))
    assert.equal(memo.isWorthIt(), false)
    for (let pause = 0; pause < 70_000; pause++) if (memo.isWorthIt()) asked++
    assert.ok(asked > 0)
  })
})
