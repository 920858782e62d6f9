// Filters of what is printed: each by itself, all together, and what they leave out is counted.
import assert from 'node:assert/strict'
import type { PrintedEvent } from '../../../../cli/collect/details.js'
import { ContainerNames, EventFilter, type FilterFlags } from '../../../../cli/collect/event-filter.js'
import { UsageError } from '../../../../infra/process/errors.js'
import { sampleNetworkEvent } from '../../../support/records/sample-network-event.js'
import { sampleFileEvent, sampleProcessEvent } from '../../../support/records/sample-records.js'
import { testAlert } from '../../../support/records/test-alert.js'

const { process } = testAlert()
const ID = process.containerId ?? ''
const names = new ContainerNames()
names.learn(ID, 'web')

const exit = (durationUs: number): PrintedEvent => ({ topic: 'process', record: sampleProcessEvent({ type: 'exit', process, durationUs }) })
const close = (durationUs: number): PrintedEvent => ({
  topic: 'network',
  record: sampleNetworkEvent({ type: 'close', process, durationUs }),
})
const open: PrintedEvent = { topic: 'file', record: sampleFileEvent({ process, isWrite: false }) }
const refused: PrintedEvent = { topic: 'process', record: sampleProcessEvent({ type: 'exec', process, result: -2 }) }
const onHost: PrintedEvent = { topic: 'file', record: sampleFileEvent({ process: { ...process, containerId: null, pid: 7, uid: 33 } }) }

const takes = (flags: FilterFlags, events: readonly PrintedEvent[]): boolean[] => {
  const filter = new EventFilter(flags, names)
  return events.map((event) => filter.takes(event))
}

describe('a filter of what is printed', () => {
  it('takes everything when nothing is asked for', () => {
    const filter = new EventFilter({}, names)
    assert.ok([exit(1), open, onHost].every((event) => filter.takes(event)))
    assert.ok(filter.takesContainer(ID))
    assert.deepEqual([filter.flags, filter.printed, filter.leftOut], [[], 4, 0])
  })

  it('takes a process, a user, a container by its id, the beginning of it, or its name', () => {
    assert.deepEqual(takes({ pid: 7 }, [onHost, open]), [true, false])
    assert.deepEqual(takes({ uid: 33 }, [onHost, open]), [true, false])
    for (const container of [ID, ID.slice(0, 12), 'web']) assert.deepEqual(takes({ container }, [onHost, open]), [false, true], container)
    for (const container of ['we', ID.slice(0, 5), `${ID}0`])
      assert.deepEqual(takes({ container }, [onHost, open]), [false, false], container)
  })

  it('takes kinds by topic, type, and what rows show', () => {
    const events = [exit(1), close(1), open, refused]
    assert.deepEqual(takes({ kind: ['exit,close'] }, events), [true, true, false, false])
    assert.deepEqual(takes({ kind: ['process'] }, events), [true, false, false, true])
    assert.deepEqual(takes({ kind: ['open'] }, events), [false, false, true, false])
    assert.deepEqual(takes({ kind: ['open-write', 'refused'] }, events), [false, false, false, true])
    assert.deepEqual(takes({ kind: ['exec'] }, events), [false, false, false, true])
  })

  it('takes what took at least so long, and nothing that has no duration', () => {
    const events = [exit(99_999), exit(100_000), close(100_000), close(5), open]
    assert.deepEqual(takes({ minDuration: 100 }, events), [false, true, true, false, false])
    assert.deepEqual(takes({ minDuration: 0 }, [exit(0), open]), [true, false])
  })

  it('takes aggregates by process, container and kind, and none when something is asked that they do not have', () => {
    const process = { pid: 7, startBootUs: 1, name: 'web', exePath: null }
    const taken = (flags: ConstructorParameters<typeof EventFilter>[0]): readonly boolean[] =>
      [{ type: 'syscalls', process, containerId: ID } as const, { type: 'files', process: null, containerId: null } as const].map(
        (record) => new EventFilter(flags, names).takesUsage(record),
      )
    assert.deepEqual(taken({}), [true, true])
    assert.deepEqual(taken({ pid: 7 }), [true, false])
    assert.deepEqual(taken({ pid: 8 }), [false, false])
    assert.deepEqual(taken({ container: ID }), [true, false])
    assert.deepEqual(taken({ uid: 0 }), [false, false])
    assert.deepEqual(taken({ minDuration: 0 }), [false, false])
    assert.deepEqual(taken({ kind: ['usage'] }), [true, true])
    assert.deepEqual(taken({ kind: ['files,exec'] }), [false, true])
    assert.deepEqual(taken({ kind: ['file'] }), [false, false])
  })

  it('counts what it leaves out, and names the flags that did', () => {
    const filter = new EventFilter({ kind: ['exit'], minDuration: 100, container: 'web' }, names)
    for (const event of [exit(99_999), exit(100_000), open, onHost]) filter.takes(event)
    // It has no kind, so it is none of those that were asked for.
    assert.equal(filter.takesContainer(ID), false)
    assert.deepEqual([filter.flags, filter.printed, filter.leftOut], [['--container', '--kind', '--min-duration'], 1, 4])
  })

  it('refuses a kind that there is not, with the nearest', () => {
    assert.throws(
      () => new EventFilter({ kind: ['conect'] }, names),
      (error) => error instanceof UsageError && /--kind: unknown kind "conect"; did you mean connect\?/.test(error.message),
    )
  })
})

describe('names of containers', () => {
  it('are set by id, the latest counts', () => {
    const names = new ContainerNames()
    names.learn('a', 'web')
    names.learn('a', 'api')
    assert.equal(names.nameOf('a'), 'api')
    assert.equal(names.nameOf('b'), undefined)
  })

  it('are forgotten at the limit, oldest first, and counted; that is reported once', () => {
    let forgotten = 0
    const names = new ContainerNames(2, () => forgotten++)
    for (const id of ['a', 'b', 'b', 'c', 'd']) names.learn(id, `name-${id}`)
    assert.deepEqual(
      ['a', 'b', 'c'].map((id) => names.nameOf(id)),
      [undefined, undefined, 'name-c'],
    )
    assert.equal(names.forgotten, 2)
    assert.equal(forgotten, 1)
  })
})
