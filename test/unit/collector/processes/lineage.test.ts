// Leaders of sessions and process groups: reported if an event does not contain them otherwise.
import assert from 'node:assert/strict'
import { type Ancestor as TableAncestor, leadersOf, NO_LEADERS, Lineage } from '../../../../collector/processes/lineage.js'
import { RecordBench } from '../../../support/records/record-bench.js'
import {
  execRecord,
  exitRecord,
  forkRecord,
  taskRecord,
  type FactsFields,
  type HeaderFields,
} from '../../../support/records/ring-records.js'
import type { Ancestor, ProcessEvent } from '../../../../schemas/generated/types.js'

const SECOND = 1_000_000_000n
const SHELL: Partial<HeaderFields> = { pid: 50, startNs: SECOND }
const BELOW_SHELL: Partial<FactsFields> = { parentPid: 50, parentStartNs: SECOND, sessionId: 50 }

const ancestor = (pid: number): TableAncestor => ({
  pid,
  startUs: 1,
  name: Buffer.from('x'),
  exe: Buffer.from('x'),
  exePath: null,
  exeFlags: 0,
  program: null,
})

function last(bench: RecordBench): ProcessEvent {
  const event = bench.processEvents.at(-1)
  assert.ok(event !== undefined)
  return event
}

/** A shell runs `cat | sort`: the first process of the pipe leads the group of both. */
async function pipeline(catName: string | Uint8Array = 'cat'): Promise<RecordBench> {
  const bench = await RecordBench.open()
  await bench.seed(taskRecord(SHELL, { comm: 'sh', sessionId: 50, processGroupId: 50 }, { args: ['-sh'], exePath: '/bin/sh' }))
  const cat = { pid: 61, startNs: 2n * SECOND, bootNs: 2n * SECOND }
  bench.security(
    execRecord(cat, { ...BELOW_SHELL, processGroupId: 61, comm: catName }, { args: ['cat', '/etc/passwd'], exePath: '/bin/cat' }),
    execRecord({ pid: 62, startNs: 3n * SECOND, bootNs: 3n * SECOND }, { ...BELOW_SHELL, processGroupId: 61, comm: 'sort' }),
  )
  return bench
}

describe('leaders', () => {
  const lineage = new Lineage([ancestor(7), ancestor(1)], new Uint8Array(0))

  it('are not reported or looked up if they are the process or an ancestor', () => {
    const unexpected = (): TableAncestor => assert.fail('looked up')
    assert.equal(leadersOf({ pid: 9, sessionId: 9, processGroupId: 9, lineage }, unexpected, 0), NO_LEADERS)
    assert.equal(leadersOf({ pid: 9, sessionId: 1, processGroupId: 7, lineage }, unexpected, 0), NO_LEADERS)
    assert.equal(leadersOf({ pid: 9, sessionId: 0, processGroupId: 0, lineage }, unexpected, 0), NO_LEADERS, 'a kernel thread')
  })

  it('are reported separately if they are other processes', () => {
    assert.deepEqual(leadersOf({ pid: 9, sessionId: 30, processGroupId: 9, lineage }, ancestor, 0), { session: ancestor(30), group: null })
    assert.deepEqual(leadersOf({ pid: 9, sessionId: 7, processGroupId: 31, lineage }, ancestor, 0), { session: null, group: ancestor(31) })
    assert.deepEqual(leadersOf({ pid: 9, sessionId: 30, processGroupId: 30, lineage }, ancestor, 0), {
      session: ancestor(30),
      group: ancestor(30),
    })
  })

  it('are null if unknown', () => {
    const gone = (): null => null
    assert.equal(leadersOf({ pid: 9, sessionId: 30, processGroupId: 9, lineage }, gone, 0), NO_LEADERS)
    assert.deepEqual(leadersOf({ pid: 9, sessionId: 30, processGroupId: 31, lineage }, gone, 0), NO_LEADERS)
  })

  it("of a pipe's group are in the events of its other processes", async () => {
    const { process } = last(await pipeline())
    const leader: Ancestor = { pid: 61, startBootUs: 2_000_000, name: 'cat', exe: 'cat', exePath: '/bin/cat', exeFlags: 0, program: null }
    assert.deepEqual([process.name, process.sessionLeader, process.processGroupLeader], ['sort', null, leader])
  })

  it('with names that are not valid UTF-8 are in raw with their exact bytes', async () => {
    const event = last(await pipeline(Uint8Array.of(0x63, 0xff)))
    assert.equal(event.process.processGroupLeader?.name, 'c\ufffd')
    assert.deepEqual(event.raw?.['process.processGroupLeader.name'], Uint8Array.of(0x63, 0xff))
  })

  it('that ended some time ago are no longer reported', async () => {
    const bench = await pipeline()
    bench.security(exitRecord({ pid: 61, startNs: 2n * SECOND, bootNs: 4n * SECOND }, 0))
    bench.context.table.handledUpTo(60_000_000)
    bench.security(forkRecord({ pid: 63, startNs: 60n * SECOND, bootNs: 60n * SECOND }, { ...BELOW_SHELL, processGroupId: 61 }))
    assert.equal(last(bench).process.processGroupLeader, null)
  })

  it('that the task iterator finds after the processes that they lead are reported too', async () => {
    const bench = await RecordBench.open()
    await bench.seed(
      taskRecord({ pid: 62, startNs: 3n * SECOND }, { comm: 'sort', parentPid: 50, sessionId: 70, processGroupId: 61 }),
      taskRecord({ pid: 61, startNs: 2n * SECOND }, { comm: 'cat', parentPid: 50, sessionId: 70, processGroupId: 61 }),
    )
    assert.equal(bench.processEvents[0]?.process.processGroupLeader?.name, 'cat')
  })
})
