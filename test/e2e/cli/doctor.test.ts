// `eunomia doctor` on a machine where probes work: it attaches them and sees an exec of its own come through the ring.
import assert from 'node:assert/strict'
import { hostPinFolder } from '../../../native/pins.js'
import { EunomiaProcess } from '../../support/system/eunomia-process.js'
import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

interface Result {
  readonly name: string
  readonly status: string
  readonly detail: string
  readonly fix: string | null
}

describe('eunomia doctor', () => {
  it('attaches every probe, sees an event, and names the fix for services that do not answer', async () => {
    const state = mkdtempSync(join(tmpdir(), 'eunomia-doctor-'))
    // A set of pins by its name: one that a collector with another state folder left.
    const abandoned = hostPinFolder(randomUUID())
    const set = join(abandoned, '0123456789abcdef')
    mkdirSync(set, { recursive: true, mode: 0o700 })
    try {
      // Port 1 is nobody's: both services are configured, and away.
      const doctor = new EunomiaProcess(['doctor', '--json'], {
        EUNOMIA_STATE_FOLDER: state,
        EUNOMIA_REDIS_URL: 'redis://127.0.0.1:1',
        EUNOMIA_KAFKA_BROKERS: '127.0.0.1:1',
        EUNOMIA_COLLECTOR_PINS: 'true',
        EUNOMIA_COLLECTOR_DOCKER_SOCKETS: join(state, 'docker.sock'),
      })
      assert.equal(await doctor.ended(), 1)
      const results = doctor.records<Result>()
      const statusOf = (pattern: RegExp): string[] => results.filter(({ name }) => pattern.test(name)).map(({ status }) => status)
      assert.ok(statusOf(/^probe /).length >= 5)
      assert.ok(statusOf(/^(kernel|BTF|probe .*|ring|clock|state folder)$/).every((status) => status === 'ok'))
      assert.deepEqual(statusOf(/^ring$/), ['ok'])
      assert.deepEqual(statusOf(/^(Kafka|Redis) at /), ['failed', 'failed'])
      assert.deepEqual(statusOf(/^docker at /), ['warning'])
      const pins = results.filter(({ name }) => name === 'pins')
      assert.equal(pins[0]?.status, 'ok')
      assert.ok(pins.some(({ status, fix }) => status === 'warning' && fix?.endsWith(`rm -r ${abandoned}`)))
      for (const { status, fix, name } of results) assert.equal(fix === null, status === 'ok', name)
    } finally {
      rmSync(state, { recursive: true })
      rmdirSync(set)
      rmdirSync(abandoned)
    }
  })
})
