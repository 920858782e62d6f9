import assert from 'node:assert/strict'
import { checkPendingRetention } from '../../../assembly/functions.js'
import { UsageError } from '../../../infra/process/errors.js'
import { SILENT_LOGGER } from '../../../infra/process/logger.js'

const DAY_MS = 86_400_000

describe('retention of pending events', () => {
  it('refuses a longest wait of half of the declared retention or more, and names the setting', async () => {
    for (const longestWaitMs of [DAY_MS / 2, DAY_MS, 7 * DAY_MS]) {
      await assert.rejects(checkPendingRetention(longestWaitMs, { brokers: ['127.0.0.1:1'] }, SILENT_LOGGER), (error: unknown) => {
        assert.ok(error instanceof UsageError)
        return /detect\.longestWaitMs .* half of the retention of eunomia\.pending\.v1 .* Set detect\.longestWaitMs to at most 43199999$/.test(
          error.message,
        )
      })
    }
  })
})
