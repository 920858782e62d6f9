// Hunts as jobs over a real Redis.
import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { connectQueueRedis, type QueueConnections } from '../../../../../infra/redis/redis.js'
import { HuntQueue, type HuntHandlers, scheduleMistake, type SliceJob } from '../../../../../processors/forensics/jobs/hunt-queue.js'
import { sharedRedis } from '../../../../support/services/services.js'
import { waitFor } from '../../../../support/wait-for.js'

describe('the queue of hunts', () => {
  let connections: QueueConnections
  let queue: HuntQueue
  let opened = 0
  const closing: (() => Promise<void>)[] = []
  const taken: SliceJob[] = []
  const finished: [string, [number, string][]][] = []
  const due: string[] = []

  beforeEach(async () => {
    connections = connectQueueRedis({ url: (await sharedRedis()).address })
    queue = new HuntQueue(connections, `hunt-test:{${String(process.pid)}-${String(opened++)}}`, SILENT_LOGGER)
    for (const list of [taken, finished, due]) list.length = 0
  })
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close()
    await queue.close()
    connections.close()
  })

  function work(slice: HuntHandlers['slice']): { close(): Promise<void> } {
    const worker = queue.work(
      {
        slice: async (job) => {
          taken.push(job)
          return await slice(job)
        },
        finish: (huntId, failures) => Promise.resolve(void finished.push([huntId, [...failures]])),
        scheduled: (name) => Promise.resolve(void due.push(name)),
      },
      2,
    )
    closing.push(() => worker.close())
    return worker
  }

  it('ends a hunt when all of its slices have ended, with the reasons of those that failed for good', async () => {
    await queue.add('h1', [0, 1, 2], 3)
    await queue.add('h1', [0, 1, 2], 3)
    work(({ slice }) => (slice === 1 ? Promise.reject(new Error('it is damaged')) : Promise.resolve({ records: 10, rows: slice })))
    await waitFor('the end', () => finished.length === 1)
    assert.deepEqual(finished, [['h1', [[1, 'it is damaged']]]])
    assert.deepEqual(new Set(taken.map(({ slice }) => slice)), new Set([0, 1, 2]))
    assert.equal(taken.filter(({ slice }) => slice === 1).length, 4)
    const { addedMs, ...progress } = (await queue.progress('h1')) ?? { addedMs: 0 }
    assert.ok(addedMs > 0)
    assert.deepEqual(progress, { slices: 3, ended: 3, failed: 1, records: 20, rows: 2 })
    assert.equal(await queue.progress('h2'), null)
  })

  it('passes a slice of a paused hunt again, and a slice of a worker that ended', async () => {
    let isPaused = true
    await queue.add('h1', [0], 1)
    work(() => Promise.resolve(isPaused ? 'later' : { records: 1, rows: 0 }))
    await waitFor('two looks', () => taken.length >= 2)
    assert.deepEqual(finished, [])
    isPaused = false
    await waitFor('the end', () => finished.length === 1)
  })

  it('knows a wrong schedule', () => {
    assert.equal(scheduleMistake('0 3 * * MON'), null)
    assert.match(scheduleMistake('99 3 * * *') ?? '', /99/)
    assert.match(scheduleMistake('a b c d e') ?? '', /a/)
  })

  it('runs a saved hunt by its schedule, which can be changed and ended', async () => {
    await queue.schedule('nightly', '0 0 1 1 *')
    assert.deepEqual(await queue.schedules(), new Map([['nightly', '0 0 1 1 *']]))
    await queue.schedule('nightly', '* * * * * *')
    work(() => Promise.resolve({ records: 0, rows: 0 }))
    await waitFor('a run', () => due.length > 0)
    assert.equal(due[0], 'nightly')
    await queue.unschedule('nightly')
    assert.deepEqual(await queue.schedules(), new Map())
  })
})
