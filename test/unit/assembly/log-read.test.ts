// The wait for the readers of a memory log: for as long as they read.
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { untilRead } from '../../../assembly/log-read.js'
import { MemoryLog } from '../../../infra/topic-log/memory-log/memory-log.js'

const QUIET_MS = 200

describe('the wait for the readers of a log', () => {
  let topicLog: MemoryLog
  beforeEach(async () => {
    topicLog = new MemoryLog()
    const appender = await topicLog.appender(
      () => undefined,
      () => undefined,
    )
    const value = Buffer.from('value')
    for (let mark = 1; mark <= 20; mark++)
      appender.append({ topic: 'file', key: value, value, valueStart: 0, valueEnd: value.length, timestampMs: 0, mark })
  })
  afterEach(() => topicLog.close())

  /** Reads one record after the other. */
  async function read(each: () => Promise<unknown>): Promise<void> {
    await topicLog.consume({
      group: 'test',
      topics: ['file'],
      from: 'earliest',
      maxBatchBytes: 1,
      handler: async (batch) => {
        await each()
        return { nextOffset: batch.lastOffset + 1, outputs: [] }
      },
    })
  }

  it('goes on while one record after the other is read, however long that takes in all', async () => {
    await read(() => delay(QUIET_MS / 10))
    await untilRead(topicLog, ['file', 'process'], QUIET_MS)
    assert.deepEqual([topicLog.topic('file').bytes, topicLog.topic('file').finishedOffset], [0, 20])
  })

  it('ends when nothing is read any more', async () => {
    let isFirst = true
    await read(() => {
      if (!isFirst) return new Promise((resolve) => topicLog.closing.addEventListener('abort', resolve, { once: true }))
      isFirst = false
      return Promise.resolve()
    })
    await untilRead(topicLog, ['file'], QUIET_MS)
    assert.equal(topicLog.topic('file').finishedOffset, 1)
  })
})
