import assert from 'node:assert/strict'
import { filtersOfPlan } from '../../../assembly/watching.js'
import { KIND } from '../../../native/generated/layout.js'
import { type PlannedWatches, parseWatchPlan } from '../../../infra/watch-plan/watch-plan-file.js'

const planOf = (...watches: object[]): PlannedWatches => parseWatchPlan(JSON.stringify({ version: 1, mode: 'detect', watches }), 'p')
const filtersOf = (...watches: object[]) => filtersOfPlan(planOf(...watches)) ?? assert.fail('everything')

describe('filtersOfPlan', () => {
  it('wants everything for a forensic plan', () => {
    assert.equal(filtersOfPlan({ ...planOf(), mode: 'forensic' }), null)
  })

  it('wants an outcome of a kind when any watch of it does', () => {
    const { succeeded, failed } = filtersOf(
      { topic: 'kernel', eventTypes: ['mount', 'setns'], outcome: 'succeeded' },
      { topic: 'kernel', eventTypes: ['setns', 'ptrace'], outcome: 'failed' },
      { topic: 'kernel', eventTypes: ['ptrace'], outcome: null },
    )
    assert.deepEqual([...succeeded].sort(), [KIND.mount, KIND.setns, KIND.ptrace].sort())
    assert.deepEqual([...failed].sort(), [KIND.setns, KIND.ptrace].sort())
  })

  it('wants every outcome of socket calls, because the history of sockets depends on it', () => {
    assert(filtersOf({ topic: 'network', eventTypes: ['connect'], outcome: 'succeeded' }).failed.has(KIND.connect))
  })

  it('wants files and folders of unlinkat with one outcome: which it is shows in its arguments', () => {
    const { succeeded, failed } = filtersOf({ topic: 'file', eventTypes: ['rmdir'], outcome: 'failed' })
    assert.deepEqual([succeeded.size, failed.has(KIND.unlink), failed.has(KIND.rmdir)], [0, true, true])
  })

  it('narrows other opens whatever a watch requests of opens by handle, which are always reported', () => {
    const { opens, succeeded } = filtersOf({ topic: 'file', eventTypes: ['open_by_handle_at'], outcome: 'succeeded' })
    assert.deepEqual([opens, succeeded.has(KIND.open)], [[], true])
  })

  it('narrows other calls whatever a watch requests of the x32 ABI, whose calls are always reported', () => {
    const x32 = { topic: 'file', eventTypes: ['openat', 'rename'], outcome: null, routes: ['x32'] }
    const { opens, failed } = filtersOf(x32, { topic: 'file', eventTypes: ['openat', 'rename'], outcome: 'succeeded', paths: [] })
    assert.deepEqual([opens.length, failed.size], [1, 0])
    assert.equal(filtersOf({ ...x32, routes: ['x32', 'native'] }).opens.length, 1)
  })

  it('hands on what opens are wanted for, and where', () => {
    const paths = [{ kind: 'prefix', text: '/etc' }]
    const givenPaths = [{ kind: 'glob', text: '*/root/*', ignoresCase: true }]
    const { opens } = filtersOf(
      { topic: 'file', eventTypes: ['openat'], outcome: 'succeeded', intents: ['write'], paths, givenPaths },
      { topic: 'file', eventTypes: ['unlink'], paths },
    )
    assert.deepEqual(
      opens.map(({ outcome, intents, paths: of, givenPaths: named }) => ({ outcome, intents, paths: of, givenPaths: named })),
      [{ outcome: 'succeeded', intents: ['write'], paths, givenPaths }],
    )
  })
})
