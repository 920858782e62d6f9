// The pipeline with any ring content: records are published, consumed or counted, it never stops, and it frees the ring.
import { OPEN_EVENT } from '../../../../native/generated/layout.js'
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { RING } from '../../../../collector/source/event-source.js'
import { CPUS, HOST_ID, OFFSET_US, RecordBench } from '../../../support/records/record-bench.js'
import { cgroupRecord, execRecord, openRecord, ringBytes, taskRecord } from '../../../support/records/ring-records.js'

const DISCARDED = 0x40000000

describe('record pipeline', () => {
  it('appends with the host id as key, wall time as timestamp and the end of the record as mark', async () => {
    const bench = await RecordBench.open()
    const first = openRecord({ bootNs: 1_999_999n }, { path: '/a' })
    const second = openRecord({ seq: 2n }, { path: '/b' })
    bench.feed(RING.bulk, [first, second])
    const [one, two] = bench.log.records
    assert.deepEqual([one?.topic, one?.key, one?.timestampMs], ['file', HOST_ID, OFFSET_US / 1000 + 1])
    assert.equal(one?.mark, ringBytes([first]).length)
    assert.equal(two?.mark, ringBytes([first, second]).length)
  })

  it('reports cgroups to the container index in the order of the ring, and publishes nothing', async () => {
    const bench = await RecordBench.open()
    bench.security(cgroupRecord(6, { cgroupId: 5n }, 0, '/docker/abc'), cgroupRecord(7, { cgroupId: 5n, seq: 2n }, 3, '/docker/abc'))
    assert.deepEqual(bench.containers.calls, ['created 5 0 /docker/abc by 0', 'removed 5 3'])
    assert.equal(bench.log.records.length, 0)
    assert.equal(bench.safe[RING.security], bench.positions[RING.security], 'the ring is free at once')
  })

  it('frees each ring as far as its own topics acknowledged', async () => {
    const bench = await RecordBench.open()
    bench.security(execRecord({}, {}))
    bench.bulk(openRecord({}, { path: '/a' }))
    assert.deepEqual(bench.safe, [0, 0])
    bench.log.ack(1)
    assert.deepEqual(bench.safe, [bench.positions[0], 0])
    bench.log.ack(1)
    assert.deepEqual(bench.safe, bench.positions)
  })

  it('also frees lost records after it, which are counted', async () => {
    const bench = await RecordBench.open()
    bench.bulk(openRecord({}, { path: '/a' }))
    bench.log.lose(1)
    assert.equal(bench.safe[RING.bulk], bench.positions[RING.bulk])
  })

  it('stops after the record with which the log became full, and continues there', async () => {
    const bench = await RecordBench.open()
    bench.log.room = 2
    const batch = bench.feed(
      RING.bulk,
      [1n, 2n, 3n, 4n].map((seq) => openRecord({ seq }, { path: `/${String(seq)}` })),
    )
    assert.equal(bench.log.records.length, 2)
    assert(batch.offset < batch.endOffset)
    assert.equal(bench.fullCalls, 1)
    bench.pipeline.receive(batch)
    assert.equal(bench.log.records.length, 2, 'nothing is taken before there is room')
    bench.log.room = 100
    bench.pipeline.resume(RING.bulk)
    bench.pipeline.receive(batch)
    assert.deepEqual(
      bench.fileEvents.map(({ path }) => path),
      ['/1', '/2', '/3', '/4'],
    )
  })

  it('stops for the ring whose topic is full, and continues with the other', async () => {
    const bench = await RecordBench.open()
    bench.log.room = 1
    bench.bulk(openRecord({}, { path: '/a' }))
    bench.log.room = 100
    bench.bulk(openRecord({ seq: 2n }, { path: '/b' }))
    bench.security(execRecord({}, {}))
    assert.deepEqual(
      bench.log.records.map(({ topic }) => topic),
      ['file', 'process'],
    )
  })

  it('counts a record that does not match its kind, and continues with the next', async () => {
    const bench = await RecordBench.open()
    const lying = openRecord({ seq: 2n }, { path: '/a' })
    lying.writeUInt32LE(0xffffffff, OPEN_EVENT.argumentLength)
    bench.bulk(openRecord({}, { path: '/a' }), lying, openRecord({ seq: 3n }, { path: '/b' }))
    assert.equal(bench.fileEvents.length, 2)
    assert.equal(bench.pipeline.malformed, 1)
  })

  it('counts records that are too short, of an unknown kind, or of a nonexistent CPU', async () => {
    const bench = await RecordBench.open()
    bench.bulk(Buffer.alloc(10), openRecord({ kind: 31 }), openRecord({ kind: 60_000 }), openRecord({ cpu: CPUS }), taskRecord({}, {}))
    assert.equal(bench.pipeline.malformed, 5)
    assert.equal(bench.log.records.length, 0)
    assert.equal(bench.safe[RING.bulk], bench.positions[RING.bulk])
  })

  it('skips records that the kernel discarded', async () => {
    const bench = await RecordBench.open()
    bench.feed(RING.bulk, [openRecord({}, { path: '/a' })], DISCARDED)
    assert.deepEqual([bench.log.records.length, bench.pipeline.malformed], [0, 0])
    assert.equal(bench.safe[RING.bulk], bench.positions[RING.bulk])
  })

  it('detects gaps per topic and CPU', async () => {
    const bench = await RecordBench.open()
    bench.bulk(openRecord({ seq: 1n }), openRecord({ seq: 4n }), openRecord({ seq: 1n, cpu: 1 }), openRecord({ seq: 3n, cpu: 1 }))
    bench.security(execRecord({ seq: 1n }, {}))
    assert.deepEqual(bench.pipeline.sequenceTotals(1), { missing: 3, repeated: 0, inversions: 0 })
    assert.deepEqual(bench.pipeline.sequenceTotals(0), { missing: 0, repeated: 0, inversions: 0 })
  })

  it('never throws on random bytes, and publishes only decodable events', async () => {
    const bench = await RecordBench.open()
    const mangled = fc
      .record({
        base: fc.constantFrom(
          openRecord({}, { path: '/a/b', argument: 'x' }),
          execRecord({}, {}, { args: ['a', 'b'] }),
          cgroupRecord(6, {}, 0, '/x'),
        ),
        flips: fc.array(fc.record({ at: fc.nat(400), byte: fc.integer({ min: 0, max: 255 }) }), { maxLength: 20 }),
        cut: fc.nat(400),
      })
      .map(({ base, flips, cut }) => {
        const bytes = Buffer.from(base)
        for (const { at, byte } of flips) if (at < bytes.length) bytes[at] = byte
        return bytes.subarray(0, Math.max(8, bytes.length - (cut % 3 === 0 ? cut : 0)))
      })
    fc.assert(
      fc.property(fc.array(mangled, { maxLength: 5 }), (records) => {
        const before = bench.log.records.length
        bench.feed(RING.security, records)
        for (const { topic, value } of bench.log.records.slice(before)) bench.codec.decode(topic, value)
      }),
      { numRuns: 1000 },
    )
  })
})
