import assert from 'node:assert/strict'
import fc from 'fast-check'
import { EunomiaError } from '../../../../infra/process/errors.js'
import { membershipFunction } from '../../../../processors/functions/membership.js'
import { cgroupKey, factsKey, pathKey, processKey, type MembershipKey } from '../../../../processors/membership/membership-key.js'
import { MemoryStore } from '../../../../processors/membership/memory-store.js'
import type { MembershipEntry } from '../../../../processors/membership/store.js'
import type { ContainerEvent, Process } from '../../../../schemas/generated/types.js'
import { ArrayBatch } from '../../../support/records/array-batch.js'
import { FunctionBench } from '../../../support/load/function-bench.js'
import { sampleContainerFacts, sampleOrigin, sampleProcess, sampleProcessEvent } from '../../../support/records/sample-records.js'

const ORIGIN = sampleOrigin()
const ID = 'c'.repeat(64)
const CGROUP = '18446744073709551615'

function containerEvent(change: Partial<ContainerEvent>): ContainerEvent {
  return {
    type: 'facts',
    containerId: ID,
    runtime: 'docker',
    facts: null,
    cgroupId: null,
    cgroupPath: null,
    initPid: null,
    exitCode: null,
    isOomKilled: null,
    reason: null,
    origin: ORIGIN,
    ...change,
  }
}

async function textOf(bench: FunctionBench, key: MembershipKey): Promise<string | null> {
  const [value] = await bench.store.read([key])
  return value === null || value === undefined ? null : Buffer.from(value).toString()
}

describe('function membership', () => {
  it('learns facts, the cgroup of a confirmed container, and the container of a process', async () => {
    const bench = new FunctionBench()
    const membership = membershipFunction(bench.codec)
    const event = containerEvent({ facts: sampleContainerFacts({ name: 'web' }), cgroupId: CGROUP })
    await bench.handle(membership, bench.batchOf('container', [event]))
    const process = sampleProcess({ containerId: ID, pid: 7, startBootUs: 99 })
    const result = await bench.handle(membership, bench.batchOf('process', [sampleProcessEvent({ process })]))
    assert.deepEqual(result, { nextOffset: 101, outputs: [], restMs: 0 })

    const [facts] = await bench.store.read([factsKey(ORIGIN, ID)])
    assert.equal(bench.codec.decode('container', facts ?? new Uint8Array()).facts?.name, 'web')
    assert.equal(await textOf(bench, cgroupKey(ORIGIN, CGROUP)), ID)
    assert.equal(await textOf(bench, processKey(ORIGIN, 7, 99)), ID)
  })

  it('accepts a cgroup for a container only when the runtime has reported it', async () => {
    const bench = new FunctionBench()
    const membership = membershipFunction(bench.codec)
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'created', cgroupId: CGROUP })]))
    assert.equal(await textOf(bench, cgroupKey(ORIGIN, CGROUP)), null)
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'started', cgroupId: CGROUP })]))
    assert.equal(await textOf(bench, cgroupKey(ORIGIN, CGROUP)), ID)
  })

  it('accepts a path for the cgroup of a container only when the runtime has reported it', async () => {
    const bench = new FunctionBench()
    const membership = membershipFunction(bench.codec)
    const cgroupPath = `/docker/${ID}`
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'created', cgroupPath })]))
    assert.equal(await textOf(bench, pathKey(ORIGIN, ID)), null)
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'started', cgroupPath })]))
    assert.equal(await textOf(bench, pathKey(ORIGIN, ID)), cgroupPath)
  })

  it('learns nothing from a process whose container is only claimed', async () => {
    const bench = new FunctionBench()
    const process = sampleProcess({ containerId: null, containerClaim: ID, pid: 7, startBootUs: 99 })
    await bench.handle(membershipFunction(bench.codec), bench.batchOf('process', [sampleProcessEvent({ process })]))
    assert.equal(await textOf(bench, processKey(ORIGIN, 7, 99)), null)
  })

  it('writes no entry of a process whose cgroup is known to be in the same container, and one where it is not', async () => {
    const bench = new FunctionBench()
    const membership = membershipFunction(bench.codec)
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'started', cgroupId: CGROUP })]))
    const eventOf = (pid: number, change: Partial<Process>): ReturnType<typeof sampleProcessEvent> =>
      sampleProcessEvent({ process: sampleProcess({ containerId: ID, cgroupId: CGROUP, pid, startBootUs: 1, ...change }) })
    const events = [eventOf(1, {}), eventOf(2, { containerId: 'other' }), eventOf(3, { cgroupId: '4' }), eventOf(4, {})]
    await bench.handle(membership, bench.batchOf('process', events))
    const texts = await Promise.all([1, 2, 3, 4].map(async (pid) => await textOf(bench, processKey(ORIGIN, pid, 1))))
    assert.deepEqual(texts, [null, 'other', ID, null])
  })

  it('writes the entry of a process whose cgroup only the expired cache knows, while reads of the store fail', async () => {
    class AwayError extends EunomiaError {
      static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
      static override readonly isRetryable = true
    }
    class HalfStore extends MemoryStore {
      isReadable = true
      override read(keys: readonly MembershipKey[]): Promise<readonly (Uint8Array | null)[]> {
        return this.isReadable ? super.read(keys) : Promise.reject(new AwayError('away'))
      }
    }
    const store = new HalfStore()
    const bench = new FunctionBench({ store })
    const membership = membershipFunction(bench.codec)
    await bench.handle(membership, bench.batchOf('container', [containerEvent({ type: 'started', cgroupId: CGROUP })]))
    const eventOf = (pid: number): ReturnType<typeof sampleProcessEvent> =>
      sampleProcessEvent({ process: sampleProcess({ containerId: ID, cgroupId: CGROUP, pid, startBootUs: 1 }) })
    await bench.handle(membership, bench.batchOf('process', [eventOf(1)]))
    bench.clock.advance(31_000)
    store.isReadable = false
    await bench.handle(membership, bench.batchOf('process', [eventOf(2)]))
    store.isReadable = true
    assert.equal(await textOf(bench, processKey(ORIGIN, 1, 1)), null)
    assert.equal(await textOf(bench, processKey(ORIGIN, 2, 1)), ID)
  })

  it('keeps the last container of a process that was moved, within one batch as well', async () => {
    const bench = new FunctionBench()
    const eventAt = (bootTimeUs: number, containerId: string): ReturnType<typeof sampleProcessEvent> =>
      sampleProcessEvent({ process: sampleProcess({ containerId, pid: 7, startBootUs: 1 }), origin: sampleOrigin({ bootTimeUs }) })
    const events = [eventAt(10, 'first'), eventAt(30, 'third'), eventAt(20, 'second')]
    await bench.handle(membershipFunction(bench.codec), bench.batchOf('process', events))
    assert.equal(await textOf(bench, processKey(ORIGIN, 7, 1)), 'third')
  })

  it('writes a dead letter for what is unreadable or names nothing, and learns from its neighbours', async () => {
    const bench = new FunctionBench()
    const good = containerEvent({ facts: sampleContainerFacts() })
    const encoded = bench.codec.encode('container', good)
    const records = [
      encoded.subarray(0, encoded.length - 3),
      bench.codec.encode('container', containerEvent({ origin: sampleOrigin({ hostId: 'x}:y' }) })),
      bench.codec.encode('container', containerEvent({ containerId: '' })),
      encoded,
    ]
    const batch = new ArrayBatch(
      'container',
      records.map((value, index) => (index === 1 ? { value, key: Buffer.from('x}:y') } : { value })),
    )
    const result = await bench.handle(membershipFunction(bench.codec), batch)
    const letters = bench.decoded('deadletter', result.outputs)
    assert.deepEqual(
      letters.map(({ offset, errorCode }) => [offset, errorCode]),
      [100, 101, 102].map((offset) => [offset, 'EUNOMIA_RECORD_UNREADABLE']),
    )
    assert.deepEqual(
      letters.slice(1).map(({ field }) => field),
      ['origin.hostId', 'containerId'],
    )
    assert.equal(result.nextOffset, 104)
    assert.notEqual(await textOf(bench, factsKey(ORIGIN, ID)), null)
  })

  it('waits and retries while the store is unavailable, and drops nothing', async () => {
    class AwayError extends EunomiaError {
      static override readonly code = 'EUNOMIA_REDIS_UNREACHABLE'
      static override readonly isRetryable = true
    }
    class LameStore extends MemoryStore {
      away = 5
      override write(entries: readonly MembershipEntry[]): Promise<void> {
        return this.away-- > 0 ? Promise.reject(new AwayError('away')) : super.write(entries)
      }
    }
    const bench = new FunctionBench({ store: new LameStore() })
    const event = containerEvent({ facts: sampleContainerFacts() })
    const result = await bench.handle(membershipFunction(bench.codec), bench.batchOf('container', [event, event]))
    assert.deepEqual(result, { nextOffset: 102, outputs: [], restMs: 0 })
    assert.notEqual(await textOf(bench, factsKey(ORIGIN, ID)), null)
    const text = await bench.metrics.text()
    assert.match(text, /^eunomia_function_retries_total\{function="membership",topic="container"\} 5$/m)
    assert.match(text, /^eunomia_function_dead_letters_total\{function="membership",topic="container"\} 0$/m)
  })

  it('reaches the same state whatever the order, the batches and the repetition of container events', async () => {
    const events = fc.record({
      type: fc.constantFrom('created', 'started', 'stopped', 'removed', 'facts'),
      containerId: fc.constantFrom('a', 'b'),
      cgroupId: fc.constantFrom(null, '1', '2'),
      name: fc.constantFrom(null, 'x', 'y'),
      bootTimeUs: fc.nat(3),
    })
    const histories = fc.array(events, { minLength: 1, maxLength: 8 }).chain((history) => {
      const twice = [...history, ...history]
      return fc.tuple(fc.constant(history), fc.shuffledSubarray(twice, { minLength: twice.length }), fc.integer({ min: 1, max: 5 }))
    })
    const keys = ['a', 'b'].map((id) => factsKey(ORIGIN, id)).concat(['1', '2'].map((id) => cgroupKey(ORIGIN, id)))
    const codecOf = new FunctionBench().codec
    const definition = membershipFunction(codecOf)
    const stateAfter = async (history: readonly ContainerEvent[], batchLength: number): Promise<readonly (Uint8Array | null)[]> => {
      const bench = new FunctionBench()
      for (let at = 0; at < history.length; at += batchLength) {
        await bench.handle(definition, bench.batchOf('container', history.slice(at, at + batchLength)))
      }
      return bench.store.read(keys)
    }
    const toEvent = ({
      type,
      containerId,
      cgroupId,
      name,
      bootTimeUs,
    }: typeof events extends fc.Arbitrary<infer E> ? E : never): ContainerEvent =>
      containerEvent({
        type,
        containerId,
        cgroupId,
        facts: name === null ? null : sampleContainerFacts({ name }),
        origin: sampleOrigin({ bootTimeUs }),
      })
    await fc.assert(
      fc.asyncProperty(histories, async ([history, repeated, batchLength]) => {
        assert.deepEqual(await stateAfter(repeated.map(toEvent), batchLength), await stateAfter(history.map(toEvent), history.length))
      }),
      { numRuns: 40 },
    )
  })

  it('learns nothing from a record that names another host than its key, and makes it a dead letter', async () => {
    const store = new MemoryStore()
    const bench = new FunctionBench({ store })
    const key = Buffer.from('11111111-2222-4333-8444-555555555555')
    const process = sampleProcessEvent({ process: sampleProcess({ containerId: ID, containerClaim: ID }) })
    for (const [topic, record] of [
      ['container', containerEvent({ facts: sampleContainerFacts() })],
      ['process', process],
    ] as const) {
      const value = bench.codec.encode(topic, record)
      const { outputs } = await bench.handle(membershipFunction(bench.codec), new ArrayBatch(topic, [{ key, value }]))
      assert.deepEqual(
        bench.decoded('deadletter', outputs).map(({ errorCode }) => errorCode),
        ['EUNOMIA_RECORD_FOREIGN'],
      )
    }
    const { hostId } = sampleOrigin()
    assert.deepEqual(await bench.store.read([factsKey({ hostId, bootId: sampleOrigin().bootId }, ID)]), [null])
    assert.match(await bench.metrics.text(), /^eunomia_function_foreign_records_total\{function="membership",topic="process"\} 1$/m)
  })
})
