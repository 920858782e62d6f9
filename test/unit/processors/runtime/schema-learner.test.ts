import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../infra/process/errors.js'
import type { AttemptOutcome } from '../../../../processors/runtime/attempt.js'
import { SchemaLearner } from '../../../../processors/runtime/schema-learner.js'
import { SchemaUnknownError } from '../../../../schemas/record-errors.js'

class AwayError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REGISTRY_UNREACHABLE'
  static override readonly isRetryable = true
}

const unknown = (id: number): SchemaUnknownError => new SchemaUnknownError(id, 'test')
const failed = (...errors: unknown[]): AttemptOutcome => {
  return {
    kind: 'handled',
    finishedTo: 9,
    outputs: [],
    failures: new Map(errors.map((error, index) => [index, error])),
    retryable: undefined,
    restMs: 0,
  }
}

describe('learner of schemas', () => {
  it('asks once for each schema that records failed for, and nothing for other failures', async () => {
    const asked: number[] = []
    const learner = new SchemaLearner({ learn: (id) => Promise.resolve(void asked.push(id)) })
    assert.equal(await learner.learnFor(failed(new Error('bug'))), false)
    assert.equal(await learner.learnFor({ kind: 'threw', error: new Error('bug') }), false)
    assert.equal(await learner.learnFor(failed(unknown(7), unknown(8), unknown(7))), true)
    assert.equal(await learner.learnFor({ kind: 'threw', error: unknown(9) }), true)
    assert.deepEqual(asked, [7, 8, 9])
  })

  it('does not ask again soon for a schema that nobody knows', async () => {
    let asked = 0
    const learner = new SchemaLearner({
      learn: (id) => {
        asked++
        return Promise.reject(unknown(id))
      },
    })
    for (let batch = 0; batch < 3; batch++) assert.equal(await learner.learnFor(failed(unknown(7))), false)
    assert.equal(asked, 1)
  })

  it('remembers a bounded number of them', async () => {
    let asked = 0
    const learner = new SchemaLearner({
      learn: (id) => {
        asked++
        return Promise.reject(unknown(id))
      },
    })
    for (let id = 1; id <= 1_001; id++) await learner.learnFor(failed(unknown(id)))
    await learner.learnFor(failed(unknown(1_001)))
    assert.equal(asked, 1_001)
    await learner.learnFor(failed(unknown(1)))
    assert.equal(asked, 1_002)
  })

  it('hands on that the registry is away: the batch is then tried again', async () => {
    const learner = new SchemaLearner({ learn: () => Promise.reject(new AwayError('away')) })
    await assert.rejects(learner.learnFor(failed(unknown(7))), AwayError)
  })
})
