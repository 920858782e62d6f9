// Reading the alerts topic: bad records and strange schemas among good ones.
import assert from 'node:assert/strict'
import { readAlerts } from '../../../../cli/alerts/read-alerts.js'
import { EunomiaError } from '../../../../infra/process/errors.js'
import { SILENT_LOGGER, type Logger } from '../../../../infra/process/logger.js'
import { Codec } from '../../../../schemas/codec.js'
import { currentSchemas } from '../../../../schemas/schema-set.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'
import { testAlert } from '../../../support/records/test-alert.js'

class AwayError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_UNREACHABLE'
  static override readonly isRetryable = true
}

const alert = testAlert({ rule: 'Good' })
const good = new Codec().encode('alerts', alert)

/** The schema id stands behind the magic byte (Confluent wire format). */
function withSchemaId(id: number): Uint8Array {
  const value = Buffer.from(good)
  value.writeInt32BE(id, 1)
  return value
}

describe('reading alerts', () => {
  it('passes over what is no alert, tells of each, and gives the neighbours', async () => {
    const told: unknown[] = []
    const log: Logger = { ...SILENT_LOGGER, warn: (facts) => void told.push(facts['offset']) }
    const unknown = withSchemaId(4711)
    const values = [good, Buffer.from('poison'), null, unknown, good.subarray(0, 20), good]
    const batch = new ArrayBatch(
      'alerts',
      values.map((value) => ({ value })),
    )
    assert.deepEqual(
      (await readAlerts(batch, new Codec(), log)).map(({ rule }) => rule),
      ['Good', 'Good'],
    )
    assert.deepEqual(told, [101, 102, 103, 104])
  })

  it('asks the registry for a schema that it meets for the first time', async () => {
    const written = withSchemaId(7)
    const asked: number[] = []
    const source = {
      fetchSchema: (id: number) => {
        asked.push(id)
        return Promise.resolve(currentSchemas().get('alerts')?.json)
      },
    }
    const batch = new ArrayBatch('alerts', [{ value: written }, { value: written }])
    assert.equal((await readAlerts(batch, new Codec({ source }), SILENT_LOGGER)).length, 2)
    assert.deepEqual(asked, [7])
  })

  it('leaves the batch to be given again while the registry is away', async () => {
    const written = withSchemaId(7)
    const source = { fetchSchema: () => Promise.reject(new AwayError('away')) }
    await assert.rejects(readAlerts(new ArrayBatch('alerts', [{ value: written }]), new Codec({ source }), SILENT_LOGGER), /away/)
  })
})
