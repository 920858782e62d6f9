// Texts in the bytes of a record, and texts that are put together.
import assert from 'node:assert/strict'
import type { Process } from '../../../../../schemas/generated/types.js'
import { JoinedText } from '../../../../../processors/rule-engine/compiled/byte-text.js'
import { sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

describe('texts in bytes', () => {
  const CASES: readonly (readonly [field: string, process: Partial<Process>, shown: Shown])[] = [
    ['proc.name', { name: 'cat' }, ['cat']],
    ['proc.name', { name: '' }, ['']],
    ['proc.exepath', { exePath: '/bin/cat' }, ['/bin/cat']],
    ['proc.exepath', { exePath: null }, 'absent'],
    ['proc.cwd', { cwd: '/srv' }, ['/srv/']],
    ['proc.cwd', { cwd: '/srv/' }, ['/srv/']],
    ['proc.cwd', { cwd: '/' }, ['/']],
    ['proc.cwd', { cwd: null }, 'absent'],
  ]
  for (const [field, process, shown] of CASES)
    it(`${field} of ${JSON.stringify(process)}`, () => {
      assert.deepEqual(shownValue(field, { topic: 'process', record: sampleProcessEvent({ process: sampleProcess(process) }) }), shown)
    })

  it('joins texts of any length', () => {
    const joined = new JoinedText()
    const long = Buffer.alloc(5_000, 'x')
    joined.add(Buffer.from('-cat-'), 1, 4)
    joined.addBlank()
    joined.add(long, 0, long.length)
    joined.addByte(0x2f)
    assert.equal(Buffer.from(joined.bytes.subarray(0, joined.length)).toString(), `cat ${long.toString()}/`)
  })
})
