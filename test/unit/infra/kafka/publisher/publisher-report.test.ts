import assert from 'node:assert/strict'
import { PublishOutage } from '../../../../../infra/kafka/publisher/publisher-report.js'
import { type Logger, SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { OutageLog } from '../../../../../infra/process/outage-log.js'

describe('an outage of the publisher', () => {
  const lines: string[] = []
  const note = (_: unknown, text?: string): void => void lines.push(text ?? '')
  const log: Logger = Object.assign(Object.create(SILENT_LOGGER) as Logger, { warn: note, info: note })
  beforeEach(() => (lines.length = 0))

  it('is logged once if one topic is denied while another accepts records, however many batches follow', () => {
    const outage = new PublishOutage(new OutageLog(log, {}, 'away', 'back'), log)
    for (let turn = 0; turn < 100; turn++) {
      outage.attempted('denied/0', new Error('29'))
      outage.attempted('fine/0', undefined)
    }
    assert.equal(outage.failing, 1)
    assert.deepEqual(lines, [
      'away',
      'Kafka accepts records for some partitions only; records for the others wait, and all share one buffer bound',
    ])
    outage.attempted('denied/0', undefined)
    assert.equal(lines[2], 'back')
    assert.equal(outage.failing, 0)
  })
})
