import assert from 'node:assert/strict'
import fc from 'fast-check'
import type { Account } from '../../../../collector/ledger/account.js'
import { LossLog, MAX_LOSSES } from '../../../../collector/ledger/loss-log.js'

const account = (
  kind: string,
  cpu: number,
  lost: Partial<Pick<Account, 'droppedRing' | 'droppedCollector' | 'droppedSpool'>>,
): Account => ({
  ...{ topic: 'file', kind, cpu, emitted: 0, published: 0, droppedRing: 0, droppedCollector: 0, droppedSpool: 0 },
  ...{ suppressed: 0, spooled: 0, inFlight: 0, isInherited: false },
  ...lost,
})

describe('losses by the second', () => {
  it('report once what was lost between two comparisons, where, and when', () => {
    const log = new LossLog()
    log.begin([account('open', 0, { droppedRing: 7 })], 1_000_000)
    log.look([account('open', 0, { droppedRing: 7 })], 2_000_000)
    log.look([account('open', 0, { droppedRing: 12, droppedSpool: 3 }), account('open', 1, { droppedCollector: 1 })], 3_000_000)
    const span = { fromUs: 2_000_000, untilUs: 3_000_000, topic: 'file', kind: 'open' }
    const expected = [
      { ...span, cpu: 0, where: 'kernel', count: 5 },
      { ...span, cpu: 0, where: 'spool', count: 3 },
      { ...span, cpu: 1, where: 'collector', count: 1 },
    ]
    assert.deepEqual(log.take(), expected)
    assert.deepEqual(log.take(), [])
    assert.deepEqual(log.recent, expected)
  })

  it('are reported by the next heartbeat when one was refused', () => {
    const log = new LossLog()
    log.begin([], 0)
    log.look([account('open', 0, { droppedRing: 1 })], 1)
    const refused = log.take()
    log.look([account('open', 0, { droppedRing: 3 })], 2)
    log.putBack(refused)
    assert.deepEqual(
      log.take().map(({ fromUs, count }) => [fromUs, count]),
      [
        [0, 1],
        [1, 2],
      ],
    )
  })

  it('keep the accounts of earlier runs apart', () => {
    const log = new LossLog()
    log.begin([], 0)
    log.look([account('open', 0, { droppedSpool: 2 }), { ...account('open', 0, { droppedSpool: 5 }), isInherited: true }], 1)
    log.look([account('open', 0, { droppedSpool: 2 }), { ...account('open', 0, { droppedSpool: 6 }), isInherited: true }], 2)
    assert.deepEqual(
      log.take().map(({ count }) => count),
      [2, 5, 1],
    )
  })

  it('lose precision of time, but not of number, above the bound', () => {
    const log = new LossLog()
    log.begin([], 0)
    for (let second = 1; second <= MAX_LOSSES + 10; second++) log.look([account('open', 0, { droppedRing: second })], second)
    const losses = log.take()
    assert.equal(losses.length, MAX_LOSSES)
    assert.deepEqual(losses.at(-1), {
      fromUs: MAX_LOSSES - 1,
      untilUs: MAX_LOSSES + 10,
      topic: 'file',
      kind: 'open',
      cpu: 0,
      where: 'kernel',
      count: 11,
    })
    assert.equal(log.merged, 10)
    log.look([account('open', 0, { droppedRing: MAX_LOSSES + 10 }), account('exec', 0, { droppedRing: 1 })], MAX_LOSSES + 11)
    assert.equal(log.take().length, 1)
    assert(log.recent.length <= 1024)
  })

  it('add up to the losses of the ledger', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1000 })), { maxLength: 200 }), (steps) => {
        const log = new LossLog()
        log.begin([], 0)
        const lost = [0, 0, 0, 0]
        let reported = 0
        steps.forEach(([cpu, count], index) => {
          lost[cpu] = (lost[cpu] ?? 0) + count
          log.look(
            lost.map((droppedRing, of) => account('open', of, { droppedRing })),
            index + 1,
          )
          if (index % 7 === 0) reported += log.take().reduce((sum, loss) => sum + loss.count, 0)
        })
        reported += log.take().reduce((sum, loss) => sum + loss.count, 0)
        assert.equal(
          reported,
          lost.reduce((sum, count) => sum + count, 0),
        )
      }),
    )
  })
})
