import assert from 'node:assert/strict'
import type { LossListener, TopicAppender, TopicLog } from '../../../../infra/topic-log/topic-log.js'
import { deferred } from '../../../../infra/waiting/waiters.js'
import { DeadLetterWriter, type RefusedAlert } from '../../../../processors/delivery/dead-letters.js'
import { Codec } from '../../../../schemas/codec.js'

const REFUSED: RefusedAlert = {
  alert: { bytes: new Uint8Array(5), partition: 0, offset: 1, hostId: 'h', timestampMs: 1 },
  ...{ reason: 'no', answer: '', attempts: 1 },
}

describe('the writer of dead letters', () => {
  it('separates the losses of one write from those of others at the same time', async () => {
    let lose: LossListener = () => undefined
    const acknowledged = deferred()
    const marks: number[] = []
    const appender = {
      append: ({ mark }) => marks.push(mark) > 0,
      flush: () => acknowledged.promise,
      close: () => Promise.resolve(),
    } as Partial<TopicAppender> as TopicAppender
    const topicLog: Pick<TopicLog, 'appender'> = {
      appender: (_onAck, onLoss) => {
        lose = onLoss
        return Promise.resolve(appender)
      },
    }
    const writer = await DeadLetterWriter.open(topicLog as TopicLog, new Codec())
    const writes = [2, 1, 3, 1].map((count) =>
      writer.write(
        'deliver.x',
        Array.from({ length: count }, () => REFUSED),
      ),
    )
    assert.deepEqual(marks, [1, 2, 3, 4, 5, 6, 7])
    lose('deadletter', 3, 1, 'too large')
    acknowledged.resolve()
    const ends = await Promise.allSettled(writes)
    assert.deepEqual(
      ends.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled'],
    )
    // Of several records, only the last is known.
    const later = [1, 1, 1].map((count) =>
      writer.write(
        'deliver.x',
        Array.from({ length: count }, () => REFUSED),
      ),
    )
    lose('deadletter', 9, 2, 'gone')
    assert.deepEqual(
      (await Promise.allSettled(later)).map(({ status }) => status),
      ['rejected', 'rejected', 'fulfilled'],
    )
    await writer.close()
  })
})
