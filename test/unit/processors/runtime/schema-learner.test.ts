import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../infra/process/errors.js'
import { Metrics } from '../../../../infra/process/metrics.js'
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
  let requested: number[]
  let nowMs: number
  let metrics: Metrics
  const learnerOf = (learn: (id: number) => Promise<void>): SchemaLearner =>
    new SchemaLearner(
      {
        learn: (id) => {
          requested.push(id)
          return learn(id)
        },
      },
      metrics,
      () => nowMs,
    )
  const refusing = (): SchemaLearner => learnerOf((id) => Promise.reject(unknown(id)))

  beforeEach(() => {
    requested = []
    nowMs = 0
    metrics = new Metrics()
  })

  it('looks up each missing schema once, and nothing for other failures', async () => {
    const learner = learnerOf(() => Promise.resolve())
    const bug = failed(new Error('bug'))
    assert.equal(await learner.learnFor(bug), bug)
    const threw = { kind: 'threw' as const, error: new Error('bug') }
    assert.equal(await learner.learnFor(threw), threw)
    assert.equal(await learner.learnFor(failed(unknown(7), unknown(8), unknown(7))), null)
    assert.equal(await learner.learnFor({ kind: 'threw', error: unknown(9) }), null)
    assert.deepEqual(requested, [7, 8, 9])
  })

  it('does not look up an unknown schema again for 30 seconds', async () => {
    const learner = refusing()
    for (nowMs = 0; nowMs < 30_000; nowMs += 10_000) assert.notEqual(await learner.learnFor(failed(unknown(7))), null)
    assert.deepEqual(requested, [7])
    nowMs = 30_000
    await learner.learnFor(failed(unknown(7)))
    assert.deepEqual(requested, [7, 7])
    assert.match(await metrics.text(), /^eunomia_schema_lookups_total\{outcome="remembered"\} 2$/m)
  })

  it('looks up at most 100 ids at once and 10 per second after that in a flood, and reports the others', async () => {
    const learner = refusing()
    const flood = (from: number): AttemptOutcome => failed(...Array.from({ length: 1_000 }, (_, index) => unknown(from + index)))
    const outcome = await learner.learnFor(flood(1))
    assert.equal(requested.length, 100)
    for (let second = 1; second <= 10; second++) {
      nowMs = second * 1_000
      await learner.learnFor(flood(second * 1_000_000))
    }
    assert.equal(requested.length, 200)
    const errors = outcome?.kind === 'handled' ? [...outcome.failures.values()] : []
    assert.equal(errors.length, 1_000)
    assert.ok(errors.every((error) => error instanceof SchemaUnknownError))
    assert.equal(errors.filter((error) => /not looked up: more than 10 unknown ids per second/.test(String(error))).length, 900)
    assert.match(await metrics.text(), /^eunomia_schema_lookups_total\{outcome="limited"\} 10800$/m)
    // One more second has room for a new schema of an honest writer.
    nowMs = 12_000
    assert.equal(await learnerOf(() => Promise.resolve()).learnFor(failed(unknown(5))), null)
  })

  it('reports each time that the registry is unavailable, so that the batch is retried and no record becomes a dead letter', async () => {
    const learner = learnerOf(() => Promise.reject(new AwayError('away')))
    for (let attempt = 0; attempt < 500; attempt++) await assert.rejects(learner.learnFor(failed(unknown(7))), AwayError)
  })
})
