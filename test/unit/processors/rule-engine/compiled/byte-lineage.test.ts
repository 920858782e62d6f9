// Ancestors and names of a process in the bytes of a record.
import assert from 'node:assert/strict'
import type { RuleRecord } from '../../../../../processors/rule-engine/fields/rule-event.js'
import type { Ancestor, Process } from '../../../../../schemas/generated/types.js'
import { sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { shownValue, type Shown } from '../../../../support/rules/shown-value.js'

const ancestor = (name: string, change: Partial<Ancestor> = {}): Ancestor => {
  return { pid: 7, startBootUs: 1, name, exe: name, exePath: `/bin/${name}`, exeFlags: 0, program: null, ...change }
}
const LINE: Partial<Process> = {
  name: 'cat',
  exePath: '/bin/cat',
  args: ['cat'],
  ancestors: [ancestor('sh'), ancestor('sshd', { exePath: null, exe: '' }), ancestor('init')],
}
const event = (change: Partial<Process>): RuleRecord => {
  return { topic: 'process', record: sampleProcessEvent({ process: sampleProcess({ ...LINE, ...change }) }) }
}

describe('the lineage in bytes', () => {
  const CASES: readonly (readonly [field: string, process: Partial<Process>, shown: Shown])[] = [
    ['proc.pname', {}, ['sh']],
    ['proc.pname', { ancestors: [] }, 'absent'],
    ['proc.aname', {}, ['sh', 'sshd', 'init']],
    ['proc.aname', { ancestors: [] }, 'absent'],
    ['proc.aname[2]', {}, ['sshd']],
    ['proc.aname[9]', {}, 'absent'],
    ['proc.aexepath', {}, ['/bin/sh', '/bin/init']],
    ['proc.aexepath[2]', {}, 'absent'],
    ['proc.aexe', {}, ['sh', 'init']],
    ['proc.names', {}, ['cat', 'cat', 'cat']],
    ['proc.names', { exePath: '/usr/bin/a-program-of-24-letters' }, ['cat', 'a-program-of-24-letters', 'a-program-of-24', 'cat']],
    ['proc.names', { exePath: '/bin/busybox' }, 'unknown'],
    ['proc.names', { exePath: '/lib/ld-linux.so.2' }, 'unknown'],
    ['proc.names', { program: '/srv/tool' }, ['cat', 'cat', 'tool', 'cat']],
  ]
  for (const [field, process, shown] of CASES)
    it(`${field} of ${JSON.stringify(process)}`, () => assert.deepEqual(shownValue(field, event(process)), shown))
})
