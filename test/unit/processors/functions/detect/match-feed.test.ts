// How detect feeds correlations: which rules emit alerts, what is passed on and when, and what is counted without a correlator.
import assert from 'node:assert/strict'
import { MemoryLog } from '../../../../../infra/topic-log/memory-log/memory-log.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { Correlator } from '../../../../../processors/rule-engine/correlation/correlator.js'
import { MemoryWindowStore } from '../../../../../processors/rule-engine/correlation/memory-window-store.js'
import { startCorrelator } from '../../../../../processors/runtime/start-correlator.js'
import { detectFunction } from '../../../../../processors/functions/detect/detect.js'
import type { CorrelationSink } from '../../../../../processors/functions/detect/match-feed.js'
import type { Observation } from '../../../../../processors/rule-engine/correlation/group-window.js'
import { createPlainEvaluator } from '../../../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { fixedRules } from '../../../../../processors/rule-engine/load/rules-in-force.js'
import type { Alert, ProcessEvent } from '../../../../../schemas/generated/types.js'
import { correlation, programRule, ruleSetOf } from '../../../../support/correlation/program-rules.js'
import { FunctionBench } from '../../../../support/load/function-bench.js'
import { ArrayBatch } from '../../../../support/records/array-batch.js'
import { sampleOrigin, sampleProcess, sampleProcessEvent } from '../../../../support/records/sample-records.js'
import { waitFor } from '../../../../support/wait-for.js'

const COUNT = 'type: event_count, rules: [a], group-by: [User], timespan: 1m, condition: {gte: 3}'
const ID = 'c'.repeat(64)

const started = (program: string, seq: number, containerId: string | null = null): ProcessEvent => {
  const origin = sampleOrigin({ seq, wallTimeUs: sampleOrigin().wallTimeUs + seq * 1e6 })
  return sampleProcessEvent({ origin, process: sampleProcess({ exePath: `/${program}`, containerId, containerClaim: containerId }) })
}

/** Records its calls, in order. */
class NotingSink implements CorrelationSink {
  readonly calls: string[] = []
  readonly observations: Observation<Alert>[] = []

  add(observations: readonly Observation<Alert>[]): Promise<void> {
    this.calls.push(`add ${String(observations.length)}`)
    this.observations.push(...observations)
    return Promise.resolve()
  }
  reached(topic: string, timeUs: number): void {
    this.calls.push(`reached ${topic} ${String(timeUs - sampleOrigin().wallTimeUs)}`)
  }
  hold(id: string, timeUs: number, deadlineUs: number): void {
    this.calls.push(`hold ${id.split('/').at(-1) ?? ''} ${String(timeUs - sampleOrigin().wallTimeUs)} ${String(deadlineUs)}`)
  }
  release(id: string): void {
    this.calls.push(`release ${id.split('/').at(-1) ?? ''}`)
  }
}

describe('function detect with correlations', () => {
  let bench: FunctionBench
  let sink: NotingSink
  const rules = (...documents: string[]): ReturnType<typeof fixedRules> => fixedRules(createPlainEvaluator(ruleSetOf(...documents)))
  const silent = [programRule('a'), programRule('b'), correlation('Many', COUNT)]

  beforeEach(() => {
    bench = new FunctionBench()
    sink = new NotingSink()
  })

  it('passes on the matches of a batch together, then reports how far the topic was evaluated', async () => {
    const detect = detectFunction({ codec: bench.codec, rules: rules(...silent), correlations: sink })
    const timestampMs = Math.floor(sampleOrigin().wallTimeUs / 1000) + 5000
    const batch = bench.batchOf('process', [started('a', 1), started('z', 2), started('a', 3)], timestampMs)
    const { outputs } = await bench.handle(detect, batch)
    assert.deepEqual(outputs, [])
    assert.deepEqual(sink.calls, ['add 2', `reached process ${String(timestampMs * 1000 - sampleOrigin().wallTimeUs)}`])
    assert.deepEqual(
      sink.observations.map(({ timeUs, group, value, member }) => [timeUs - sampleOrigin().wallTimeUs, group, value, member]),
      [
        [1e6, ['root'], null, 0],
        [3e6, ['root'], null, 0],
      ],
    )
  })
  it('still emits the alerts of rules whose correlation allows it, and of those that none names', async () => {
    const loud = [programRule('a'), programRule('b'), correlation('Many', `${COUNT}, generate: true`)]
    const detect = detectFunction({ codec: bench.codec, rules: rules(...loud), correlations: sink })
    const { outputs } = await bench.handle(detect, bench.batchOf('process', [started('a', 1), started('b', 2)]))
    assert.deepEqual(
      bench.decoded('alerts', outputs).map(({ rule }) => rule),
      ['a ran', 'b ran'],
    )
    assert.equal(sink.observations.length, 1)
  })
  it('holds time at an event that waits for facts, and releases it after its matches were passed on', async () => {
    const pending = { isEnding: false }
    const detect = detectFunction({ codec: bench.codec, rules: rules(...silent), correlations: sink, pending })
    const { outputs } = await bench.handle(detect, bench.batchOf('process', [started('a', 1, ID)]))
    const deadlineUs = bench.clock.nowUs() + 10_000_000
    assert.equal(sink.calls[0], `hold 1 1000000 ${String(deadlineUs)}`)
    assert.equal(sink.observations.length, 0)
    sink.calls.length = 0
    pending.isEnding = true
    const again = await bench.handle(detect, new ArrayBatch('pending', outputs))
    assert.deepEqual(again.outputs, [])
    assert.deepEqual(sink.calls, ['add 1', 'release 1'])
    assert.equal(sink.observations[0]?.evidence.facts, 'absent')
  })
  it('does not hold time at an event that no correlation needs', async () => {
    const detect = detectFunction({ codec: bench.codec, rules: rules(...silent), correlations: sink })
    await bench.handle(detect, bench.batchOf('process', [started('b', 1, ID)]))
    assert.deepEqual(
      sink.calls.filter((call) => call.startsWith('hold')),
      [],
    )
  })
  it('feeds no correlation that can not be evaluated', async () => {
    const lame = correlation('Many', COUNT.replace('[User]', '[NoSuchField]'))
    const detect = detectFunction({ codec: bench.codec, rules: rules(programRule('a'), lame), correlations: sink })
    await bench.handle(detect, bench.batchOf('process', [started('a', 1)]))
    assert.equal(sink.observations.length, 0)
  })
  it('counts the matches without a correlator', async () => {
    const detect = detectFunction({ codec: bench.codec, rules: rules(...silent) })
    const { outputs } = await bench.handle(detect, bench.batchOf('process', [started('a', 1), started('a', 2), started('b', 3)]))
    assert.deepEqual(
      bench.decoded('alerts', outputs).map(({ rule }) => rule),
      ['b ran'],
    )
    assert.match(await bench.metrics.text(), /^eunomia_correlation_unfed_total 2$/m)
  })
})

describe('a correlator next to detect', () => {
  it('appends its alerts to the log, keyed by host, at the time of the completing event, and the remaining ones at its end', async () => {
    const bench = new FunctionBench()
    const topicLog = new MemoryLog()
    const { clock, metrics, codec } = bench
    const correlator = new Correlator({ store: new MemoryWindowStore(), clock, metrics, log: SILENT_LOGGER })
    const part = await startCorrelator({ correlator, topicLog, codec, clock, log: SILENT_LOGGER })
    const alerts: { alert: Alert; key: string; timestampMs: number }[] = []
    const reader = await topicLog.consume({
      group: 'test',
      topics: ['alerts'],
      from: 'earliest',
      handler: (batch) => {
        while (batch.next()) {
          const key = Buffer.from(batch.keyBytes.subarray(batch.keyStart, batch.keyEnd)).toString()
          const alert = codec.decode('alerts', batch.valueBytes, batch.valueStart, batch.valueEnd)
          alerts.push({ alert, key, timestampMs: batch.timestampMs })
        }
        return Promise.resolve({ nextOffset: batch.lastOffset + 1, outputs: [] })
      },
    })
    const evaluator = createPlainEvaluator(ruleSetOf(programRule('a'), correlation('Many', COUNT)))
    const detect = detectFunction({ codec, rules: fixedRules(evaluator), correlations: correlator })
    const timestampMs = Math.floor(sampleOrigin().wallTimeUs / 1000)
    await bench.handle(
      detect,
      bench.batchOf(
        'process',
        [1, 2, 3].map((seq) => started('a', seq)),
        timestampMs + 3000,
      ),
    )
    await bench.handle(detect, bench.batchOf('process', [started('z', 9)], timestampMs + 9000))
    await clock.sleeping()
    clock.advance(250)
    await waitFor('the alert', () => alerts.length === 1)
    assert.equal(alerts[0]?.key, sampleOrigin().hostId)
    assert.equal(alerts[0].timestampMs, Math.floor((sampleOrigin().wallTimeUs + 3e6) / 1000))
    assert.equal(alerts[0].alert.output, 'Many: 3 events in 1m (User=root)')
    await bench.handle(
      detect,
      bench.batchOf(
        'process',
        [101, 102, 103].map((seq) => started('a', seq)),
        timestampMs + 103_000,
      ),
    )
    await part.stop('test')
    await waitFor('the alert at the end', () => alerts.length === 2)
    assert.equal(alerts[1]?.alert.correlation?.windowStartUs, sampleOrigin().wallTimeUs + 101e6)
    await reader.stop('test')
    await topicLog.close()
  })
})
