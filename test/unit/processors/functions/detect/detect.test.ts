import assert from 'node:assert/strict'
import type { BatchResult, OutputRecord } from '../../../../../infra/topic-log/topic-log.js'
import { EunomiaError } from '../../../../../infra/process/errors.js'
import { detectFunction } from '../../../../../processors/functions/detect/detect.js'
import { factsKey, cgroupKey, pathKey, processKey } from '../../../../../processors/membership/membership-key.js'
import { MemoryStore } from '../../../../../processors/membership/memory-store.js'
import type { FunctionDefinition } from '../../../../../processors/function.js'
import type { Evaluator } from '../../../../../processors/rule-engine/evaluate/evaluator.js'
import { fixedRules } from '../../../../../processors/rule-engine/load/rules-in-force.js'
import type { Alert, ContainerEvent, FileEvent, PendingEvent } from '../../../../../schemas/generated/types.js'
import { ArrayBatch } from '../../../../support/records/array-batch.js'
import { FunctionBench } from '../../../../support/load/function-bench.js'
import {
  sampleContainerFacts,
  sampleFileEvent,
  sampleOrigin,
  sampleProcess,
  sampleProcessEvent,
} from '../../../../support/records/sample-records.js'
import { evaluatorOf, TWO_RULES } from '../../../../support/records/test-rules.js'

const ID = 'c'.repeat(64)
class AwayError extends EunomiaError {
  static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
  static override readonly isRetryable = true
}

class LameStore extends MemoryStore {
  isAway = false
  override read(...args: Parameters<MemoryStore['read']>): ReturnType<MemoryStore['read']> {
    return this.isAway ? Promise.reject(new AwayError('away')) : super.read(...args)
  }
}

describe('function detect', () => {
  let bench: FunctionBench
  let store: LameStore
  let evaluator: Evaluator
  let detect: FunctionDefinition

  beforeEach(() => {
    store = new LameStore()
    bench = new FunctionBench({ store })
    evaluator = evaluatorOf(TWO_RULES)
    detect = detectFunction({ codec: bench.codec, rules: fixedRules(evaluator) })
  })

  const fileEvent = (process: Parameters<typeof sampleProcess>[0], change: Partial<FileEvent> = {}): FileEvent =>
    sampleFileEvent({ process: sampleProcess(process), ...change })
  const inContainer = (path = '/etc/shadow'): FileEvent => fileEvent({ containerId: ID, containerClaim: ID }, { path })
  const onHost = (path = '/etc/shadow', seq = 1): FileEvent =>
    fileEvent({ containerId: null, containerClaim: null }, { path, origin: sampleOrigin({ seq }) })
  const claimed = (): FileEvent => fileEvent({ containerId: null, containerClaim: ID, cgroupId: '77' })

  async function storeFacts(image: string, containerId = ID): Promise<void> {
    const event: ContainerEvent = {
      type: 'facts',
      containerId,
      runtime: 'docker',
      facts: sampleContainerFacts({ image, imageRepository: image }),
      cgroupId: null,
      cgroupPath: null,
      initPid: null,
      exitCode: null,
      isOomKilled: null,
      reason: null,
      origin: sampleOrigin(),
    }
    await store.write([{ key: factsKey(sampleOrigin(), containerId), bootTimeUs: 1, value: bench.codec.encode('container', event) }])
  }

  const alertsOf = (outputs: readonly OutputRecord[]): Alert[] => bench.decoded('alerts', outputs)
  const pendingOf = (outputs: readonly OutputRecord[]): PendingEvent[] => bench.decoded('pending', outputs)
  const evaluate = async (...events: FileEvent[]): Promise<readonly OutputRecord[]> =>
    (await bench.handle(detect, bench.batchOf('file', events))).outputs
  const handleAgain = (outputs: readonly OutputRecord[]): Promise<BatchResult> => {
    const records = outputs.filter(({ topic }) => topic === 'pending')
    return bench.handle(detect, new ArrayBatch('pending', records))
  }
  const evaluateAgain = async (outputs: readonly OutputRecord[]): Promise<readonly OutputRecord[]> => (await handleAgain(outputs)).outputs
  /** Evaluates what is pending, with the requested pauses, until nothing is. @returns all outputs */
  async function settle(first: readonly OutputRecord[]): Promise<{ outputs: OutputRecord[]; rests: number[] }> {
    const all: OutputRecord[] = []
    const rests: number[] = []
    for (let pending = first; pendingOf(pending).length > 0;) {
      assert.ok(rests.length < 200, 'still pending after 200 rounds')
      const result = await handleAgain(pending)
      pending = result.outputs
      all.push(...pending.filter(({ topic }) => topic !== 'pending'))
      if (pendingOf(pending).length > 0) rests.push(result.restMs ?? 0)
      bench.clock.advance(result.restMs ?? 0)
    }
    return { outputs: all, rests }
  }

  /** Handles the queue of pending events until it is empty, as a partition does: in batches of ten, with the rests between them. */
  async function waitOut(
    first: readonly OutputRecord[],
    onTurn: (queue: OutputRecord[]) => void | Promise<void> = () => undefined,
    onRest: (ms: number) => void = () => undefined,
  ): Promise<{ queue: OutputRecord[]; written: OutputRecord[] }> {
    const queue = first.filter(({ topic }) => topic === 'pending')
    const written: OutputRecord[] = []
    for (let turn = 0; queue.length > 0; turn++) {
      assert.ok(turn < 100_000, 'still pending after 100,000 turns')
      await onTurn(queue)
      const { nextOffset, outputs, restMs = 0 } = await handleAgain(queue.slice(0, 10))
      queue.splice(0, nextOffset - 100)
      queue.push(...outputs.filter(({ topic }) => topic === 'pending'))
      written.push(...outputs)
      onRest(restMs)
      // A turn takes a millisecond.
      bench.clock.advance(Math.max(1, restMs))
    }
    return { queue, written }
  }

  it('emits an alert of the host immediately, keyed by host, at the time of the event', async () => {
    const outputs = await evaluate(onHost(), onHost('/etc/hosts', 2))
    const [alert, ...others] = alertsOf(outputs)
    assert.deepEqual(others, [])
    assert.equal(alert?.rule, 'shadow was read')
    assert.equal(alert.facts, 'complete')
    assert.equal(alert.containerId, null)
    assert.equal(alert.ruleSetHash, evaluator.ruleSetHash)
    assert.equal(Buffer.from(outputs[0]?.key ?? []).toString(), sampleOrigin().hostId)
    assert.equal(outputs[0]?.timestampMs, Math.floor(sampleOrigin().wallTimeUs / 1000))
  })

  it('names the container in an alert when its facts are known', async () => {
    await storeFacts('bad')
    const [alert] = alertsOf(await evaluate(inContainer('/etc/hosts')))
    assert.equal(alert?.rule, 'image is bad')
    assert.equal(alert.containerId, ID)
    assert.equal(alert.container?.image, 'bad')
    assert.equal(alert.facts, 'complete')
  })

  it('lets an event wait whose verdict depends on missing facts, with a deadline, keyed by host', async () => {
    const event = inContainer()
    const outputs = await evaluate(event)
    const [pending] = pendingOf(outputs)
    assert.deepEqual(alertsOf(outputs), [])
    assert.equal(pending?.eventTopic, 'eunomia.file.v1')
    assert.deepEqual(bench.codec.decode('file', pending.event), event)
    assert.equal(pending.containerId, ID)
    assert.deepEqual(pending.rules, ['image is bad'])
    assert.equal(pending.ruleSetHash, evaluator.ruleSetHash)
    assert.equal(pending.deadlineUs, bench.clock.nowUs() + 10_000_000)
    assert.equal(pending.attempts, 1)
    assert.deepEqual(pending.origin, event.origin)
    assert.equal(Buffer.from(outputs[0]?.key ?? []).toString(), sampleOrigin().hostId)
  })

  it('re-evaluates a pending event when its facts arrive, and reports them as complete', async () => {
    const pending = await evaluate(inContainer())
    await storeFacts('bad')
    bench.clock.advance(60)
    const again = await evaluateAgain(pending)
    const [alert] = alertsOf(again)
    assert.equal(again.length, 1)
    assert.equal(alert?.rule, 'image is bad')
    assert.equal(alert.facts, 'complete')
    assert.equal(alert.container?.image, 'bad')
  })

  it('emits the same alert, byte for byte, whether the facts arrive before or after the event', async () => {
    const pending = await evaluate(inContainer())
    await storeFacts('good')
    bench.clock.advance(60)
    const after = await evaluateAgain(pending)
    const before = await evaluate(inContainer())
    assert.equal(after.length, 1)
    assert.deepEqual(after, before)
  })

  it('drops a pending event that no rule matches when its facts arrive', async () => {
    const pending = await evaluate(inContainer('/etc/hosts'))
    assert.equal(pending.length, 1)
    await storeFacts('good')
    bench.clock.advance(60)
    assert.deepEqual(await evaluateAgain(pending), [])
  })

  it('evaluates at the deadline with the facts absent, and writes the event a bounded number of times until then', async () => {
    const started = bench.clock.nowUs()
    const { outputs, rests } = await settle(await evaluate(inContainer()))
    const [alert, ...others] = alertsOf(outputs)
    assert.deepEqual(others, [])
    assert.equal(alert?.rule, 'shadow was read')
    assert.equal(alert.facts, 'absent')
    assert.equal(alert.containerId, ID)
    assert.equal(alert.container, null)
    const waitedMs = (bench.clock.nowUs() - started) / 1000
    assert.equal(waitedMs, 10_000)
    assert.deepEqual(rests.slice(0, 6), [50, 100, 200, 400, 400, 400])
    // 350 ms, then 400 ms 24 times, then what is left.
    assert.equal(rests.length, 28)
  })

  it('evaluates waiting events with the known facts as soon as no more will arrive', async () => {
    const pending = { isEnding: false }
    detect = detectFunction({ codec: bench.codec, rules: fixedRules(evaluator), pending })
    const waiting = await evaluate(inContainer())
    assert.equal(pendingOf(await evaluateAgain(waiting)).length, 1)
    pending.isEnding = true
    const absent = await evaluateAgain(waiting)
    assert.deepEqual(pendingOf(absent), [])
    assert.deepEqual(
      alertsOf(absent).map(({ rule, facts, containerId }) => ({ rule, facts, containerId })),
      [{ rule: 'shadow was read', facts: 'absent', containerId: ID }],
    )
    await storeFacts('bad')
    bench.clock.advance(60)
    assert.equal(alertsOf(await evaluateAgain(waiting))[0]?.facts, 'complete')
  })

  it('lets an event of an unknown cgroup wait, and then applies rules about containers and rules about the host', async () => {
    evaluator = evaluatorOf(`
- rule: in a container
  desc: d
  condition: evt.type = openat and container.id != host
  output: in %container.id
  priority: WARNING
- rule: on the host
  desc: d
  condition: evt.type = openat and container.id = host
  output: on %container.id
  priority: WARNING
`)
    const unknown = { containerId: null, containerClaim: null, claimUid: null, cgroupPath: null, isContainerUnknown: true }
    const named = { containerId: null, containerClaim: ID, isContainerUnknown: false }
    // Named after a container with its cgroup elsewhere, below one that no runtime reported.
    const forged = 'f'.repeat(64)
    const nested = `/docker/${ID}/docker-${forged}.scope`
    await storeFacts('bad', forged)
    await store.write([{ key: pathKey(sampleOrigin(), forged), bootTimeUs: 1, value: Buffer.from(`/docker/${forged}`) }])
    for (const [process, expected] of [
      [unknown, ['in unknown absent', 'on host absent']],
      [{ ...named, claimUid: 1000 }, [`in ${ID.slice(0, 12)} claimed`, 'on host absent']],
      [{ ...named, claimUid: null }, [`in ${ID.slice(0, 12)} claimed`, 'on host absent']],
      [{ ...named, claimUid: 0 }, [`in ${ID.slice(0, 12)} claimed`]],
      [{ ...named, containerClaim: forged, claimUid: 0, cgroupPath: nested }, [`in ${ID.slice(0, 12)} claimed`, 'on host absent']],
    ] as const) {
      detect = detectFunction({ codec: bench.codec, rules: fixedRules(evaluator) })
      const first = await evaluate(fileEvent(process))
      assert.equal(alertsOf(first).length, 0)
      const { outputs } = await settle(first)
      assert.deepEqual(
        alertsOf(outputs).map(({ output, facts }) => `${output} ${facts}`),
        expected,
      )
    }
  })

  it('names the container of an event of an unknown cgroup when another event of its process knew it', async () => {
    await storeFacts('bad')
    const unknown = fileEvent({ containerId: null, containerClaim: null, cgroupPath: null, isContainerUnknown: true })
    const { pid, startBootUs } = unknown.process
    const key = processKey(sampleOrigin(), pid, startBootUs)
    await store.write([{ key, bootTimeUs: 1, value: Buffer.from(ID) }])
    const [alert] = alertsOf(await evaluate(unknown))
    assert.deepEqual([alert?.containerId, alert?.facts], [ID, 'complete'])
  })

  it('counts the attempts of a pending event and keeps its deadline', async () => {
    const first = await evaluate(inContainer())
    const [pending] = pendingOf(await evaluateAgain(first))
    assert.equal(pending?.attempts, 2)
    assert.equal(pending.deadlineUs, pendingOf(first)[0]?.deadlineUs)
    assert.deepEqual(pending.rules, ['image is bad'])
  })

  it('does not pass a deadline while the store is unavailable: the alert has the facts when it is back', async () => {
    await storeFacts('bad')
    store.isAway = true
    const outputs = await evaluate(inContainer())
    while (bench.clock.nowUs() < (pendingOf(outputs)[0]?.deadlineUs ?? 0) + 60_000_000) {
      const result = await handleAgain(outputs)
      // It stays where it is: nothing is written while nothing can be known.
      assert.deepEqual([result.nextOffset, result.outputs], [100, []])
      assert.ok((result.restMs ?? 0) >= 50 && (result.restMs ?? 0) <= 5_000)
      bench.clock.advance(result.restMs ?? 0)
    }
    store.isAway = false
    bench.clock.advance(5_000)
    const [alert] = alertsOf(await evaluateAgain(outputs))
    assert.equal(alert?.rule, 'image is bad')
    assert.equal(alert.facts, 'complete')
  })

  it('gives the writers of the store time to catch up after an outage, before it treats facts as absent', async () => {
    store.isAway = true
    let outputs = await evaluate(inContainer())
    bench.clock.advance(60_000)
    store.isAway = false
    outputs = await evaluateAgain(outputs)
    assert.equal(pendingOf(outputs).length, 1)
    bench.clock.advance(9_000)
    outputs = await evaluateAgain(outputs)
    assert.equal(pendingOf(outputs).length, 1)
    await storeFacts('bad')
    // 70 s of waiting: it is read again after a sixteenth of that.
    bench.clock.advance(4_400)
    const [alert] = alertsOf(await evaluateAgain(outputs))
    assert.equal(alert?.facts, 'complete')
  })

  it('treats facts as absent when the store has answered again for as long as the deadline', async () => {
    store.isAway = true
    let outputs = await evaluate(inContainer())
    bench.clock.advance(60_000)
    store.isAway = false
    outputs = await evaluateAgain(outputs)
    bench.clock.advance(10_000)
    const [alert] = alertsOf(await evaluateAgain(outputs))
    assert.equal(alert?.facts, 'absent')
  })

  it('treats facts as absent after an hour, even if the store is unavailable all the time', async () => {
    store.isAway = true
    const started = bench.clock.nowUs()
    const { queue, written } = await waitOut(await evaluate(inContainer(), onHost('/etc/passwd')))
    assert.deepEqual(queue, [])
    const waitedMinutes = (bench.clock.nowUs() - started) / 60e6
    assert.ok(waitedMinutes >= 59 && waitedMinutes <= 60, String(waitedMinutes))
    assert.equal(written.filter(({ topic }) => topic === 'pending').length, 0)
    assert.deepEqual(
      alertsOf(written).map(({ facts }) => facts),
      ['absent'],
    )
  })

  it('writes each event a bounded number of times while the store comes and goes, and decides it within the hour', async () => {
    const count = 20
    const first = await evaluate(...Array.from({ length: count }, inContainer))
    const started = bench.clock.nowUs()
    const isAwayAt = (ms: number): boolean => ms % 8_000 >= 4_000
    const { queue, written } = await waitOut(first, () => {
      store.isAway = isAwayAt((bench.clock.nowUs() - started) / 1000)
    })
    assert.deepEqual(queue, [])
    assert.equal(alertsOf(written).length, count)
    assert.ok((bench.clock.nowUs() - started) / 60e6 <= 60)
    const perEvent = written.filter(({ topic }) => topic === 'pending').length / count
    // A doubling of the wait takes some 11 writes, from 10 s to 16 minutes; then one a minute.
    assert.ok(perEvent < 200, `${String(perEvent)} writes of each event`)
  })

  it('stays within that bound under constant fresh events, and finds those without a long delay', async () => {
    const started = bench.clock.nowUs()
    let next = 0
    let arrived = 0
    let longestMs = 0
    const { written } = await waitOut(
      await evaluate(...Array.from({ length: 50 }, inContainer)),
      async (queue) => {
        const ms = (bench.clock.nowUs() - started) / 1000
        store.isAway = ms % 8_000 >= 4_000
        if (ms > 1_800_000 || ms < next) return
        next = ms + 5_000
        arrived++
        queue.push(...(await evaluate(inContainer())))
      },
      (rested) => (longestMs = Math.max(longestMs, rested)),
    )
    const perEvent = written.filter(({ topic }) => topic === 'pending').length / (50 + arrived)
    assert.ok(arrived > 100 && perEvent < 200, `${String(perEvent)} writes of each of ${String(50 + arrived)} events`)
    assert.ok(longestMs <= 60_000)
  })

  it('continues with alerts from the near-cache while the store is unavailable', async () => {
    await storeFacts('bad')
    await evaluate(inContainer())
    store.isAway = true
    bench.clock.advance(1_000_000)
    assert.equal(alertsOf(await evaluate(inContainer(), onHost())).length, 2)
  })

  it('believes a claim only when its cgroup is confirmed', async () => {
    await storeFacts('bad')
    const pending = await evaluate(claimed())
    assert.equal(pendingOf(pending)[0]?.containerId, ID)
    await store.write([{ key: cgroupKey(sampleOrigin(), '77'), bootTimeUs: 1, value: Buffer.from(ID) }])
    bench.clock.advance(60)
    const [alert] = alertsOf(await evaluateAgain(pending))
    assert.equal(alert?.rule, 'image is bad')
    assert.equal(alert.containerId, ID)
  })

  it('never attributes an event to a real container when its cgroup only has that name', async () => {
    await storeFacts('bad')
    const { outputs } = await settle(await evaluate(claimed()))
    const [alert] = alertsOf(outputs)
    assert.equal(alert?.rule, 'shadow was read')
    assert.equal(alert.facts, 'absent')
    assert.equal(alert.container, null)
    assert.equal(alert.containerId, null)
  })

  it('emits the alerts of a batch immediately while others of it wait, and rests briefly when one of those is fresh', async () => {
    const other = 'd'.repeat(64)
    const old = await evaluateAgain(await evaluateAgain(await evaluate(inContainer())))
    const fresh = await evaluate(inContainer(), fileEvent({ containerId: other, containerClaim: other }))
    await storeFacts('bad')
    bench.clock.advance(60)
    const { outputs, restMs } = await handleAgain([...old, ...fresh])
    assert.equal(alertsOf(outputs).length, 2)
    assert.deepEqual(
      pendingOf(outputs).map(({ containerId }) => containerId),
      [other],
    )
    assert.equal(restMs, 50)
  })

  it('does not rest when all events of a batch were evaluated', async () => {
    const pending = await evaluate(inContainer())
    await storeFacts('bad')
    bench.clock.advance(60)
    assert.equal((await handleAgain(pending)).restMs, 0)
  })

  it('does not rest after a batch of a backlog', async () => {
    const pending = await evaluate(inContainer())
    bench.clock.advance(5_000)
    const { outputs, restMs } = await handleAgain(pending)
    assert.equal(pendingOf(outputs).length, 1)
    assert.equal(restMs, 0)
  })

  it('rests no longer than to the next deadline', async () => {
    const pending = await evaluate(inContainer())
    bench.clock.advance(9_990)
    const records = pending.map((record) => ({ ...record, timestampMs: bench.clock.nowUs() / 1000 }))
    assert.equal((await handleAgain(records)).restMs, 10)
  })

  it('is not delayed by a record with a future time', async () => {
    const [pending] = await evaluate(inContainer())
    assert.ok(pending !== undefined)
    assert.equal((await handleAgain([{ ...pending, timestampMs: 9e15 }])).restMs, 50)
  })

  it('writes a dead letter for a pending event with an unreadable event, and evaluates its neighbours', async () => {
    const [good] = await evaluate(inContainer())
    assert.ok(good !== undefined)
    const base = bench.codec.decode('pending', good.value)
    const broken = [
      { ...base, event: Buffer.from('rubbish') },
      { ...base, eventTopic: 'eunomia.host.v1' },
      { ...base, event: base.event.subarray(0, 30) },
    ].map((record) => ({ value: bench.codec.encode('pending', record) }))
    await storeFacts('bad')
    bench.clock.advance(60)
    const { outputs } = await bench.handle(detect, new ArrayBatch('pending', [...broken, good]))
    assert.equal(alertsOf(outputs).length, 1)
    assert.deepEqual(
      bench.decoded('deadletter', outputs).map(({ offset }) => offset),
      [100, 101, 102],
    )
  })

  it('writes a dead letter for an event on which the rules throw, and evaluates its neighbours', async () => {
    const throwing: Evaluator = {
      ruleSetHash: evaluator.ruleSetHash,
      eventTypes: evaluator.eventTypes,
      evaluate: (ruleEvent) => {
        if (ruleEvent.event.record.origin.seq === 2) throw new TypeError('bug')
        return evaluator.evaluate(ruleEvent)
      },
    }
    detect = detectFunction({ codec: bench.codec, rules: fixedRules(throwing) })
    const outputs = await evaluate(onHost('/etc/shadow', 1), onHost('/etc/shadow', 2), onHost('/etc/shadow', 3))
    assert.deepEqual(
      alertsOf(outputs).map(({ origin }) => origin.seq),
      [1, 3],
    )
    const [letter] = bench.decoded('deadletter', outputs)
    assert.equal(letter?.errorCode, 'EUNOMIA_FUNCTION_FAILED')
  })

  it('prepares new rules in steps once for all lanes, for what waits, too', async () => {
    const waiting = await evaluate(claimed())
    assert.equal(pendingOf(waiting).length, 1)
    const log: string[] = []
    const slow: Evaluator = {
      ruleSetHash: evaluator.ruleSetHash,
      eventTypes: evaluator.eventTypes,
      evaluate: (ruleEvent) => {
        log.push('evaluated')
        return evaluator.evaluate(ruleEvent)
      },
      *preparation({ topic }) {
        log.push(topic)
        const endMs = performance.now() + 20
        while (performance.now() < endMs) yield
      },
    }
    detect = detectFunction({ codec: bench.codec, rules: fixedRules(slow) })
    await Promise.all([evaluate(onHost()), evaluate(onHost()), handleAgain(waiting)])
    assert.deepEqual(log.filter((each) => each !== 'evaluated').sort(), ['file', 'kernel', 'network', 'process'])
    assert.ok(log.indexOf('evaluated') > log.indexOf('file'))
  })

  it('counts the events that no rule can match by their bytes; a damaged one of any type is a dead letter', async () => {
    const made = bench.codec.encode('file', sampleFileEvent({ syscall: 'creat', path: '/etc/shadow' }))
    const values = [made, made.subarray(0, 12), bench.codec.encode('file', onHost())]
    const { outputs } = await bench.handle(
      detect,
      new ArrayBatch(
        'file',
        values.map((value) => ({ value, timestampMs: 1 })),
      ),
    )
    assert.equal(alertsOf(outputs).length, 1)
    assert.deepEqual(
      bench.decoded('deadletter', outputs).map(({ errorCode }) => errorCode),
      ['EUNOMIA_RECORD_UNREADABLE'],
    )
    const exit = sampleProcessEvent({ type: 'exit', syscall: 'UNKNOWN' })
    await bench.handle(detect, bench.batchOf('process', [exit, exit]))
    assert.match(await bench.metrics.text(), /^eunomia_detect_skipped_total 3$/m)
  })

  it('emits nothing for an event that names another host than its key, now or after a wait, but a dead letter', async () => {
    const key = Buffer.from('11111111-2222-4333-8444-555555555555')
    const values = [onHost(), inContainer('/etc/hosts')].map((event) => ({ key, value: bench.codec.encode('file', event) }))
    const { outputs } = await bench.handle(detect, new ArrayBatch('file', values))
    const waiting = (await evaluate(inContainer())).filter(({ topic }) => topic === 'pending').map((record) => ({ ...record, key }))
    const later = await bench.handle(detect, new ArrayBatch('pending', waiting))
    for (const [made, count] of [
      [outputs, 2],
      [later.outputs, 1],
    ] as const) {
      const codes = bench.decoded('deadletter', made).map(({ errorCode }) => errorCode)
      assert.deepEqual(codes, Array(count).fill('EUNOMIA_RECORD_FOREIGN'))
      assert.equal(made.length, count)
    }
  })

  it('evaluates a whole batch with one rule set, and the next one with the set then in force', async () => {
    const next = evaluatorOf(`${TWO_RULES}\n- rule: third\n  desc: d\n  condition: evt.type = execve\n  output: o\n  priority: INFO`)
    let current: Evaluator = evaluator
    const swapping: Evaluator = {
      ruleSetHash: evaluator.ruleSetHash,
      eventTypes: evaluator.eventTypes,
      evaluate: (ruleEvent) => {
        current = next
        return evaluator.evaluate(ruleEvent)
      },
    }
    current = swapping
    detect = detectFunction({ codec: bench.codec, rules: { current: () => current } })
    const hashes = async (): Promise<string[]> => alertsOf(await evaluate(onHost(), onHost())).map(({ ruleSetHash }) => ruleSetHash)
    assert.notEqual(next.ruleSetHash, evaluator.ruleSetHash)
    assert.deepEqual(await hashes(), [evaluator.ruleSetHash, evaluator.ruleSetHash])
    assert.deepEqual(await hashes(), [next.ruleSetHash, next.ruleSetHash])
  })

  it('reports its lag, its work and its failures', async () => {
    const good = bench.codec.encode('file', onHost())
    const timestampMs = bench.clock.nowUs() / 1000 - 2_500
    const records = [good, good, Buffer.from('rubbish')].map((value) => ({ value, timestampMs }))
    await bench.handle(detect, new ArrayBatch('file', records))
    const text = await bench.metrics.text()
    const labels = '{function="detect",topic="file"}'
    for (const line of [
      `eunomia_function_behind_seconds${labels} 2.5`,
      `eunomia_function_records_total${labels} 3`,
      `eunomia_function_dead_letters_total${labels} 1`,
      `eunomia_function_retries_total${labels} 0`,
      `eunomia_function_batch_seconds_count${labels} 1`,
      'eunomia_detect_alerts_total{rule="shadow was read",facts="complete"} 2',
    ]) {
      assert.ok(text.split('\n').includes(line), `${line} is missing in\n${text}`)
    }
  })

  it('emits each alert of an event once, with the same id however often it is processed', async () => {
    await storeFacts('bad')
    const once = alertsOf(await evaluate(inContainer(), onHost()))
    const twice = alertsOf(await evaluate(inContainer(), onHost()))
    assert.deepEqual(once, twice)
    assert.equal(new Set(once.map(({ alertId }) => alertId)).size, 2)
  })
})
