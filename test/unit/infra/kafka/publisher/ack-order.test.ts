import assert from 'node:assert/strict'
import fc from 'fast-check'
import { AckOrder, type AckTicket } from '../../../../../infra/kafka/publisher/ack-order.js'

interface Reported {
  mark: number
  acked: number
  lost: number
}

function recordingOrder(): { order: AckOrder; reported: Reported } {
  const reported: Reported = { mark: -1, acked: 0, lost: 0 }
  const order = new AckOrder({
    onProgress: (mark, records) => {
      assert.ok(mark > reported.mark, 'marks grow')
      assert.ok(records > 0)
      reported.mark = mark
      reported.acked += records
    },
    onLost: (_, records) => {
      reported.lost += records
    },
  })
  return { order, reported }
}

describe('infra/kafka/publisher/ack-order', () => {
  it('reports nothing of a batch while an earlier one is open', () => {
    const { order, reported } = recordingOrder()
    const first = order.begin()
    order.append(10)
    const second = order.begin()
    order.append(11)
    order.append(12)
    order.settle(second, 2)
    assert.deepEqual(reported, { mark: -1, acked: 0, lost: 0 })
    order.settle(first, 1)
    assert.deepEqual(reported, { mark: 12, acked: 3, lost: 0 })
  })

  it('reports the records before the first one that is not safe, also in the middle of a batch', () => {
    const { order, reported } = recordingOrder()
    const first = order.begin()
    order.append(1)
    const second = order.begin()
    order.append(2)
    order.append(3) // of the first batch
    order.settle(first, 2)
    assert.deepEqual(reported, { mark: 1, acked: 1, lost: 0 })
    order.settle(second, 1)
    assert.deepEqual(reported, { mark: 3, acked: 3, lost: 0 })
  })

  it('reports each record once, as acknowledged or as lost, whatever the order of the answers', () => {
    // Each number is the partition of the next record; batches are closed and answered in a random order.
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ kind: fc.constant('append' as const), partition: fc.nat(3) }) },
      { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('ack' as const, 'lose' as const), pick: fc.nat(20) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.boolean(), (steps, isCutShort) => {
        const { order, reported } = recordingOrder()
        const open = new Map<number, { ticket: AckTicket; marks: number[] }>()
        const unsafe = new Set<number>()
        const inFlight: { ticket: AckTicket; marks: number[] }[] = []
        let mark = 0
        const answer = (index: number, isLost: boolean): void => {
          const [batch] = inFlight.splice(index, 1)
          if (batch === undefined) return
          for (const each of batch.marks) unsafe.delete(each)
          if (isLost) order.lose(batch.ticket, batch.marks.length, batch.marks.at(-1) ?? -1, 'test')
          else order.settle(batch.ticket, batch.marks.length)
          for (const each of unsafe) assert.ok(each > reported.mark, 'a record that is reported as safe is safe')
        }
        for (const each of steps) {
          if (each.kind === 'append') {
            let batch = open.get(each.partition)
            if (batch === undefined) open.set(each.partition, (batch = { ticket: order.begin(), marks: [] }))
            order.append(++mark)
            batch.marks.push(mark)
            unsafe.add(mark)
            if (batch.marks.length === 3) {
              inFlight.push(batch)
              open.delete(each.partition)
            }
          } else if (inFlight.length > 0) answer(each.pick % inFlight.length, each.kind === 'lose')
        }
        if (isCutShort) order.loseRest('the end')
        else {
          inFlight.push(...open.values())
          while (inFlight.length > 0) answer(0, false)
          assert.equal(order.safe, order.appended)
          assert.equal(reported.acked + reported.lost, mark)
        }
        assert.ok(reported.acked + reported.lost <= mark)
      }),
    )
  })

  it('reports the rest as lost once, and nothing afterwards', () => {
    const { order, reported } = recordingOrder()
    const ticket = order.begin()
    order.append(1)
    order.append(2)
    order.loseRest('the end')
    order.loseRest('the end')
    order.settle(ticket, 2)
    assert.deepEqual(reported, { mark: -1, acked: 0, lost: 2 })
  })

  it('holds the mark of a divided batch until both parts are settled, whichever comes first', () => {
    const { order, reported } = recordingOrder()
    const ticket = order.begin()
    for (const mark of [1, 2, 3]) order.append(mark)
    order.divide(ticket)
    order.settle(ticket, 1)
    assert.equal(order.safe, 0)
    order.lose(ticket, 2, 3, 'too large')
    assert.equal(order.safe, 3)
    assert.deepEqual(reported, { mark: 3, acked: 1, lost: 2 })
  })
})
