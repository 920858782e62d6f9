import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { OutageLog } from '../../../../infra/process/outage-log.js'

describe('infra/outage-log', () => {
  it('says once that a thing is away, and once that it is back', () => {
    const lines: string[] = []
    const log = {
      ...SILENT_LOGGER,
      warn: (_: unknown, text: string) => lines.push(text),
      info: (_: unknown, text: string) => lines.push(text),
    }
    const outage = new OutageLog(log, { brokers: 'b:1' }, 'away', 'back')
    outage.succeeded()
    outage.failed(new Error('x'))
    outage.failed(new Error('y'))
    outage.succeeded()
    outage.succeeded()
    outage.failed(new Error('z'))
    assert.deepEqual(lines, ['away', 'back', 'away'])
  })
})
