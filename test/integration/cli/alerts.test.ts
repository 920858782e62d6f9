// `eunomia alerts` as a person starts it, without a cluster.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'

describe('eunomia alerts without a cluster', () => {
  const folder = mkdtempSync(join(tmpdir(), 'eunomia-alerts-'))
  let alerts: EunomiaProcess | undefined
  after(async () => {
    await alerts?.kill()
    rmSync(folder, { recursive: true })
  })

  it('says which setting names the brokers and how to start some, and waits', async () => {
    const running = (alerts = new EunomiaProcess(['alerts'], { EUNOMIA_STATE_FOLDER: folder, EUNOMIA_KAFKA_BROKERS: '127.0.0.1:1' }))
    await running.says(/"brokers":"127\.0\.0\.1:1".*no broker answers, waiting: set kafka\.brokers .* `eunomia stack up`/)
    assert.equal(await running.interrupt(), 0, running.stderr)
  })
})
