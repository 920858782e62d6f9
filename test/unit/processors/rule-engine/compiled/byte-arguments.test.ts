// Arguments and environment in the bytes of a record.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import type { Process } from '../../../../../schemas/generated/types.js'
import { sampleFileEvent, sampleProcess } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

const event = (change: Partial<Process>): RuleRecord => ({ topic: 'file', record: sampleFileEvent({ process: sampleProcess(change) }) })

describe('arguments in bytes', () => {
  const LINE = { name: 'cat', args: ['/bin/cat', '-n', 'a b'], parentArgs: ['sh', '-c', 'x'], env: ['A=1', 'B='] }
  const CASES: readonly (readonly [field: string, process: Partial<Process>, shown: Shown])[] = [
    ['proc.cmdline', LINE, ['cat -n a b']],
    ['proc.cmdline', { ...LINE, args: ['/bin/cat'] }, ['cat']],
    ['proc.cmdline', { ...LINE, args: [] }, ['cat']],
    ['proc.cmdline', { ...LINE, name: '', args: ['x', 'y'] }, [' y']],
    ['proc.exeline', LINE, ['/bin/cat -n a b']],
    ['proc.exeline', { ...LINE, args: ['', 'y'] }, ['y']],
    ['proc.args', LINE, ['-n a b']],
    ['proc.args', { ...LINE, args: [] }, ['']],
    ['proc.exe', LINE, ['/bin/cat']],
    ['proc.exe', { ...LINE, args: [] }, 'absent'],
    ['proc.cmdnargs', LINE, [2]],
    ['proc.cmdnargs', { ...LINE, args: [] }, [0]],
    ['proc.pcmdline', LINE, ['sh -c x']],
    ['proc.pcmdline', { ...LINE, ancestors: [] }, 'absent'],
    ['proc.env', LINE, ['A=1 B=']],
    ['proc.env[A]', LINE, ['1']],
    ['proc.env[B]', LINE, ['']],
    ['proc.env[C]', LINE, ['']],
    ['proc.env[A]', { ...LINE, env: null }, 'absent'],
    ['proc.cmdline', { ...LINE, args: ['c', 'x'.repeat(9_000)] }, [`cat ${'x'.repeat(9_000)}`]],
  ]
  for (const [field, process, shown] of CASES) {
    const label = JSON.stringify(process.args?.map((arg) => arg.slice(0, 8)))
    it(`${field} of ${label}`, () => assert.deepEqual(shownValue(field, event(process)), shown))
  }
})
