// What every queue of a sink does: in memory, and in Redis.
import assert from 'node:assert/strict'
import type { DeliveryJob, DeliveryQueue, JobContent, JobEnd } from '../../processors/delivery/queue/delivery-queue.js'
import { waitFor } from '../support/wait-for.js'

/** @param open a queue that nobody else uses */
export function describeDeliveryQueue(name: string, open: () => DeliveryQueue): void {
  describe(name, () => {
    let queue: DeliveryQueue
    let taken: DeliveryJob[]
    let stop: (() => Promise<void>) | undefined

    beforeEach(() => {
      queue = open()
      taken = []
    })
    afterEach(async () => {
      await stop?.()
      stop = undefined
      await queue.close()
    })

    const job = (id: string, ...offsets: number[]): JobContent => {
      return { id, partition: 2, epoch: 'e', alerts: offsets.map((offset) => ({ offset, bytes: Buffer.from([0, 255, offset]) })) }
    }
    const work = (handle: (job: DeliveryJob) => JobEnd): void => {
      const worker = queue.work(async (one) => {
        taken.push(one)
        return await Promise.resolve(handle(one))
      }, 2)
      stop = async () => await worker.close()
    }
    const plain = ({ alerts, id, partition, epoch }: JobContent): unknown[] => {
      return [id, partition, epoch, alerts.map(({ offset, bytes }) => [offset, [...bytes]])]
    }

    it('passes jobs with their bytes, and forgets those that are done', async () => {
      await queue.add([job('j1', 7, 9), job('j2', 10)])
      assert.deepEqual(await queue.existing(['j1', 'j2', 'j3']), new Set(['j1', 'j2']))
      work(() => ({ kind: 'done' }))
      await waitFor('both', () => taken.length === 2)
      assert.deepEqual(
        taken.map(plain).sort((a, b) => String(a).localeCompare(String(b))),
        [job('j1', 7, 9), job('j2', 10)].map(plain),
      )
      await waitFor('none', async () => (await queue.existing(['j1', 'j2'])).size === 0)
    })

    it('passes a job again, as often as it must be, with what was refused meanwhile', async () => {
      await queue.add([job('j1', 7, 8)])
      work(({ starts }) => (starts < 3 ? { kind: 'again', afterMs: 5, refused: [7], refusal: 'no' } : { kind: 'done' }))
      await waitFor('four times', () => taken.length === 4)
      assert.deepEqual(
        taken.map(({ starts, refused, refusal }) => [starts, [...refused], refusal]),
        [
          [0, [], ''],
          [1, [7], 'no'],
          [2, [7], 'no'],
          [3, [7], 'no'],
        ],
      )
    })

    it('keeps a dead job with the refused alerts only, until it is redriven', async () => {
      await queue.add([job('j1', 7, 8, 9)])
      work(({ isRedriven }) => (isRedriven ? { kind: 'done' } : { kind: 'dead', offsets: [8], reason: 'too large' }))
      await waitFor('the dead job', async () => (await queue.counts()).dead === 1)
      const [dead] = await queue.dead(10)
      assert.deepEqual([dead && plain(dead), dead?.reason], [plain(job('j1', 8)), 'too large'])
      assert.deepEqual(await queue.deadIds(), ['j1'])
      assert.deepEqual(await queue.existing(['j1']), new Set())
      assert.equal(await queue.redrive('j2'), false)
      assert.equal(await queue.redrive('j1'), true)
      await waitFor('it', () => taken.length === 2)
      assert.deepEqual(
        taken.map(({ isRedriven, alerts }) => [isRedriven, alerts.length]),
        [
          [false, 3],
          [true, 1],
        ],
      )
      await waitFor('none', async () => (await queue.counts()).dead === 0)
    })

    it('passes a job again when its handler fails', async () => {
      await queue.add([job('j1', 7)])
      work(({ starts }) => {
        if (starts === 0) throw new Error('the store is away')
        return { kind: 'done' }
      })
      await waitFor('the second time', () => taken.length === 2)
    })
  })
}
