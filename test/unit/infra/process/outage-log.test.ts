import assert from 'node:assert/strict'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { OutageLog } from '../../../../infra/process/outage-log.js'

describe('infra/process/outage-log', () => {
  it('logs an outage once, and its end once', () => {
    const lines: string[] = []
    const log = {
      ...SILENT_LOGGER,
      warn: (_: unknown, text: string) => lines.push(text),
      info: (_: unknown, text: string) => lines.push(text),
    }
    const outage = new OutageLog(log, { brokers: 'b:1' }, 'down', 'up')
    outage.succeeded()
    outage.failed(new Error('x'))
    outage.failed(new Error('y'))
    outage.succeeded()
    outage.succeeded()
    outage.failed(new Error('z'))
    assert.deepEqual(lines, ['down', 'up', 'down'])
  })
})
