import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../infra/process/errors.js'
import { Metrics } from '../../../../infra/process/metrics.js'
import type { TopicKey } from '../../../../infra/topic-log/topics.js'
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

const noList = (_: TopicKey): Promise<ReadonlySet<number> | null> => Promise.resolve(null)
const flood = (from: number): AttemptOutcome => failed(...Array.from({ length: 1_000 }, (_, index) => unknown(from + index)))

describe('learner of schemas', () => {
  let requested: number[]
  let nowMs: number
  let metrics: Metrics
  const PLACE = { topic: 'file', partition: 0 } as const
  const learnerOf = (learn: (id: number) => Promise<void>, listIds = noList): SchemaLearner =>
    new SchemaLearner(
      {
        learn: (id) => {
          requested.push(id)
          return learn(id)
        },
        listIds,
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
    assert.equal(await learner.learnFor(bug, PLACE), bug)
    const threw = { kind: 'threw' as const, error: new Error('bug') }
    assert.equal(await learner.learnFor(threw, PLACE), threw)
    assert.equal(await learner.learnFor(failed(unknown(7), unknown(8), unknown(7)), PLACE), null)
    assert.equal(await learner.learnFor({ kind: 'threw', error: unknown(9) }, PLACE), null)
    assert.deepEqual(requested, [7, 8, 9])
  })

  it('does not look up an unknown schema again for 30 seconds', async () => {
    const learner = refusing()
    for (nowMs = 0; nowMs < 30_000; nowMs += 10_000) assert.notEqual(await learner.learnFor(failed(unknown(7)), PLACE), null)
    assert.deepEqual(requested, [7])
    nowMs = 30_000
    await learner.learnFor(failed(unknown(7)), PLACE)
    assert.deepEqual(requested, [7, 7])
    assert.match(await metrics.text(), /^eunomia_schema_lookups_total\{outcome="remembered"\} 2$/m)
  })

  it('looks up at most 100 ids at once and 10 per second after that in a flood, and reports the others', async () => {
    const learner = refusing()
    const outcome = await learner.learnFor(flood(1), PLACE)
    assert.equal(requested.length, 100)
    for (let second = 1; second <= 10; second++) {
      nowMs = second * 1_000
      await learner.learnFor(flood(second * 1_000_000), PLACE)
    }
    assert.equal(requested.length, 200)
    const errors = outcome?.kind === 'handled' ? [...outcome.failures.values()] : []
    assert.equal(errors.length, 1_000)
    assert.ok(errors.every((error) => error instanceof SchemaUnknownError))
    assert.equal(
      errors.filter((error) => /not looked up: .* the partition has more than 10 such ids per second/.test(String(error))).length,
      900,
    )
    assert.match(await metrics.text(), /^eunomia_schema_lookups_total\{outcome="limited"\} 10800$/m)
    // One more second has room for a new schema of an honest writer.
    nowMs = 12_000
    assert.equal(await learnerOf(() => Promise.resolve()).learnFor(failed(unknown(5)), PLACE), null)
  })

  it('reports each time that the registry is unavailable, so that the batch is retried and no record becomes a dead letter', async () => {
    const learner = learnerOf(() => Promise.reject(new AwayError('away')))
    for (let attempt = 0; attempt < 500; attempt++) await assert.rejects(learner.learnFor(failed(unknown(7)), PLACE), AwayError)
  })

  it('learns an id that is registered for the topic in a flood of invented ones, which cost one list', async () => {
    const lists: TopicKey[] = []
    const learner = learnerOf(
      (id) => (id === 5 ? Promise.resolve() : Promise.reject(unknown(id))),
      (topic) => {
        lists.push(topic)
        return Promise.resolve(new Set([5]))
      },
    )
    assert.notEqual(await learner.learnFor(flood(1_000), PLACE), null)
    assert.equal(await learner.learnFor(failed(...[7_000, 7_001, 5].map(unknown)), PLACE), null)
    assert.equal(requested.at(-1), 5)
    assert.deepEqual(lists, ['file', 'file'])
  })

  it('learns a registered id that somebody had named before it was registered', async () => {
    const registered = new Set<number>()
    const learner = learnerOf(
      (id) => (registered.has(id) ? Promise.resolve() : Promise.reject(unknown(id))),
      () => Promise.resolve(new Set(registered)),
    )
    assert.notEqual(await learner.learnFor(failed(unknown(5)), PLACE), null)
    registered.add(5)
    assert.equal(await learner.learnFor(failed(unknown(5)), PLACE), null)
  })

  it('shares a list among the batches that wait for it, and requests one for each topic', async () => {
    const lists: TopicKey[] = []
    let answer = (_: ReadonlySet<number>): void => assert.fail('nothing is requested')
    const learner = learnerOf(
      (id) => Promise.reject(unknown(id)),
      (topic) => {
        lists.push(topic)
        return lists.length === 1 ? new Promise((resolve) => (answer = resolve)) : Promise.resolve(new Set())
      },
    )
    const first = learner.learnFor(failed(unknown(1)), PLACE)
    await Promise.resolve()
    // Their records were read after the first list was requested: it may lack what they name.
    const later = [1, 2, 3].map((partition) => learner.learnFor(failed(unknown(partition)), { topic: 'file', partition }))
    await learner.learnFor(failed(unknown(9)), { topic: 'network', partition: 0 })
    assert.deepEqual(lists, ['file', 'network'])
    answer(new Set())
    await Promise.all([first, ...later])
    assert.deepEqual(lists, ['file', 'network', 'file'])
  })

  it('looks up an id of no topic for one partition while another is flooded', async () => {
    const learner = learnerOf((id) => (id === 5 ? Promise.resolve() : Promise.reject(unknown(id))))
    assert.notEqual(await learner.learnFor(flood(1_000), PLACE), null)
    assert.notEqual(await learner.learnFor(failed(unknown(5)), PLACE), null)
    assert.equal(await learner.learnFor(failed(unknown(5)), { topic: 'file', partition: 1 }), null)
  })

  it('retries a batch while the registry does not list, and looks up ids where it refuses to', async () => {
    const away = learnerOf(
      () => Promise.resolve(),
      () => Promise.reject(new AwayError('away')),
    )
    await assert.rejects(away.learnFor(failed(unknown(7)), PLACE), AwayError)
    const refused = learnerOf(
      () => Promise.resolve(),
      () => Promise.reject(new Error('not allowed')),
    )
    assert.equal(await refused.learnFor(failed(unknown(7)), PLACE), null)
  })
})
