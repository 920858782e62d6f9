import assert from 'node:assert/strict'
import { EunomiaError } from '../../../../../infra/process/errors.js'
import type { HuntPlan } from '../../../../../processors/forensics/hunt/hunt-plan.js'
import { loadHuntRules } from '../../../../../processors/forensics/hunt/hunt-rules.js'
import { HuntMerge } from '../../../../../processors/forensics/hunt/merge-results.js'
import { type HuntProgress, runPlan, type SliceWorker } from '../../../../../processors/forensics/hunt/run-plan.js'
import { SliceRunner } from '../../../../../processors/forensics/hunt/run-slice.js'
import { PastScene } from '../../../../support/forensics/past-scene.js'
import { sampleFileEvent, sampleProcess } from '../../../../support/records/sample-records.js'
import { TWO_RULES } from '../../../../support/records/test-rules.js'

class Interrupted extends EunomiaError {
  static override readonly code = 'EUNOMIA_KAFKA_UNREACHABLE'
  static override readonly isRetryable = true
}

const SLICES = 10

describe('processors/forensics runs of plans', () => {
  let past: PastScene
  let plan: HuntPlan

  before(async () => {
    past = new PastScene()
    const process = sampleProcess({ containerId: null, containerClaim: null })
    for (let second = 0; second < SLICES; second++) {
      past.append('file', sampleFileEvent({ path: '/etc/shadow', process, origin: past.origin(second) }))
    }
    past.archiveAll('file', 1)
    plan = await past.plan(TWO_RULES)
    assert.equal(plan.slices.length, SLICES)
  })

  function worker(before: (index: number) => void): SliceWorker & { isClosed: boolean } {
    const runner = new SliceRunner(plan, { history: past.history(), codec: past.codec })
    return {
      isClosed: false,
      async run(index, signal) {
        before(index)
        return await runner.run(plan.slices[index] ?? assert.fail(), signal)
      },
      close() {
        this.isClosed = true
        return Promise.resolve()
      },
    }
  }

  async function run(workers: readonly SliceWorker[], signal = new AbortController().signal) {
    const progress: HuntProgress[] = []
    let rows = 0
    const merge = new HuntMerge(plan, { ruleSet: loadHuntRules(plan.rules).ruleSet, codec: past.codec, onRow: () => rows++ })
    const result = await runPlan(plan, { workers, merge, signal, onProgress: (each) => progress.push(each) })
    return { result, rows, progress }
  }

  it('tries a slice again after what may pass, and names one that fails for good', async () => {
    const tries = new Map<number, number>()
    const workers = [1, 2, 3].map(() =>
      worker((index) => {
        tries.set(index, (tries.get(index) ?? 0) + 1)
        if (index === 2 && (tries.get(index) ?? 0) < 3) throw new Interrupted('no broker')
        if (index === 5) throw new Error('a bug')
      }),
    )
    const { result, rows, progress } = await run(workers)
    assert.deepEqual([tries.get(2), tries.get(5), rows, result.slicesLeft], [3, 1, SLICES - 1, 0])
    assert.deepEqual(
      result.failed.map(({ reason, offsets }) => [reason, offsets]),
      [['a bug', [plan.slices[5]?.from, plan.slices[5]?.to]]],
    )
    const last = progress.at(-1)
    assert.deepEqual([last?.slicesEnded, last?.records, last?.recordsOfAll, last?.alerts], [SLICES, SLICES, SLICES, SLICES - 1])
    assert.ok(workers.every(({ isClosed }) => isClosed))
  })

  it('ends early with what is done, and says how many slices are left', async () => {
    const ending = new AbortController()
    const { result, rows } = await run(
      [
        worker((index) => {
          if (index === 4) ending.abort(new Error('interrupted'))
        }),
      ],
      ending.signal,
    )
    assert.ok(rows >= 4 && rows < SLICES)
    assert.equal(result.slicesLeft, SLICES - rows)
  })
})
