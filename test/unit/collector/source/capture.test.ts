// Capture files: what is written plays the same; whatever else a file holds is refused with the byte where it goes wrong.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { CaptureInvalidError } from '../../../../collector/source/capture-format.js'
import { CaptureWriter } from '../../../../collector/source/capture-writer.js'
import { RING, type RingBatch } from '../../../../collector/source/event-source.js'
import { RecordedSource } from '../../../../collector/source/recorded-source.js'
import { RecordingSource } from '../../../../collector/source/recording-source.js'
import { execRecord, openRecord, ringBytes, taskRecord } from '../../../support/records/ring-records.js'

const FACTS = { bootId: 'b0071d', hostName: 'here', kernelRelease: '6.18.0', cpus: 2, bootToWallUs: 1_759_000_000_000_000 }
const HEADER = { format: 'eunomia-capture', version: 1, recordVersion: 1, ...FACTS }

/** Plays a file to its end. @returns ring and bytes of each batch */
async function play(path: string): Promise<{ source: RecordedSource; batches: [ring: number, bytes: Buffer][] }> {
  const source = new RecordedSource(path)
  const batches: [number, Buffer][] = []
  source.start((batch) => {
    batches.push([batch.ring, Buffer.from(batch.bytes.subarray(batch.offset, batch.endOffset))])
    batch.offset = batch.endOffset
  })
  await source.done
  return { source, batches }
}

describe('capture files', () => {
  let folder: string
  let path: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-capture-'))
    path = join(folder, 'test.capture')
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const tasks = ringBytes([taskRecord({}, {}), taskRecord({ pid: 2 }, {})])
  const security = ringBytes([execRecord({ cpu: 1 }, {}), execRecord({ cpu: 1, seq: 2n }, {})])
  const bulk = ringBytes([openRecord({}, { path: '/a' })])

  function write(): void {
    const writer = new CaptureWriter(path, FACTS)
    writer.tasks(tasks)
    writer.frame(RING.security, security, 0, security.length)
    writer.frame(RING.bulk, bulk, 0, bulk.length)
    writer.close()
  }

  it('play what was written: tasks, then the frames of both rings in their order', async () => {
    write()
    const { source, batches } = await play(path)
    assert.deepEqual(source.facts, { ...FACTS, isLive: false })
    assert.deepEqual(Buffer.from(source.tasks()), Buffer.from(tasks))
    assert.deepEqual(batches, [
      [0, Buffer.from(security)],
      [1, Buffer.from(bulk)],
    ])
  })

  it('count what they play as emitted, per kind and CPU', async () => {
    write()
    const { source } = await play(path)
    const counters = source.counters()
    assert.deepEqual([counters[1]?.emitted[2], counters[1]?.seq[0], counters[0]?.emitted[5], counters[0]?.dropped[5]], [2, 2, 1, 0])
  })

  it('give a batch again when the receiver had no room, from where it stopped', async () => {
    write()
    const source = new RecordedSource(path)
    const offsets: number[] = []
    const half = ringBytes([execRecord({}, {})]).length
    source.start((batch) => {
      offsets.push(batch.offset)
      batch.offset = batch.offset === 0 && batch.ring === RING.security ? half : batch.endOffset
      if (batch.offset < batch.endOffset) setImmediate(() => source.resume())
    })
    await source.done
    assert.deepEqual(offsets, [0, half, 0])
  })

  it('have the frames of another source that is recorded beside its use', async () => {
    write()
    const copy = join(folder, 'copy.capture')
    const source = new RecordingSource(new RecordedSource(path), new CaptureWriter(copy, FACTS), (error) => assert.fail(String(error)))
    source.tasks()
    let refusals = 0
    source.start((batch) => {
      // The first batch finds no room at first; it must not stand twice in the copy.
      if (refusals++ === 0) return void setImmediate(() => source.resume())
      batch.offset = batch.endOffset
    })
    await source.done
    source.close()
    assert.deepEqual(readFileSync(copy), readFileSync(path))
  })

  it('stop growing at their bound and count what was left out', () => {
    const writer = new CaptureWriter(path, FACTS, 1000)
    for (let frame = 0; frame < 10; frame++) writer.frame(RING.security, security, 0, security.length)
    writer.close()
    assert(writer.sizeBytes <= 1000 && writer.skippedFrames > 0)
    assert.equal(readFileSync(path).length, writer.sizeBytes)
  })

  describe('that are no captures', () => {
    const line = `${JSON.stringify(HEADER)}\n`
    const frame = (ring: number, length: number, bytes: Uint8Array): Buffer => {
      const head = Buffer.alloc(8)
      head.writeUInt32LE(ring, 0)
      head.writeUInt32LE(length, 4)
      return Buffer.concat([head, bytes])
    }

    for (const [what, content, offset, pattern] of [
      ['are empty', '', 0, /does not end/],
      ['hold no JSON', 'hello\n', 0, /no JSON/],
      ['hold JSON that is no object', '7\n', 0, /no JSON object/],
      ['have another format', `${JSON.stringify({ ...HEADER, format: 'pcap' })}\n`, 0, /format must be "eunomia-capture"/],
      ['have a later record version', `${JSON.stringify({ ...HEADER, recordVersion: 2 })}\n`, 0, /recordVersion must be 1/],
      ['claim a million CPUs', `${JSON.stringify({ ...HEADER, cpus: 1e6 })}\n`, 0, /cpus must be/],
    ] as const) {
      it(`and ${what} are refused`, () => {
        writeFileSync(path, content)
        assert.throws(
          () => new RecordedSource(path),
          (error) =>
            error instanceof CaptureInvalidError && error.offset === offset && pattern.test(error.message) && error.message.includes(path),
        )
      })
    }

    for (const [what, rest, at, pattern] of [
      ['a frame header that is cut', Buffer.alloc(5), 0, /ends within a frame header/],
      ['a frame that is cut', frame(0, 100, Buffer.alloc(50)), 8, /ends within a frame/],
      ['a ring that there is not', frame(9, 0, Buffer.alloc(0)), 0, /no ring 9/],
      ['a frame of four gigabytes', frame(0, 0xffffffff, Buffer.alloc(0)), 4, /too long/],
      [
        'a record that leads out of its frame',
        frame(0, 16, Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        8,
        /out of its frame/,
      ],
    ] as const) {
      it(`and hold ${what} are refused at that byte`, () => {
        writeFileSync(path, Buffer.concat([Buffer.from(line), rest]))
        assert.throws(
          () => new RecordedSource(path),
          (error) => error instanceof CaptureInvalidError && error.offset === line.length + at && pattern.test(error.message),
        )
      })
    }

    it('behind a good beginning make `done` reject, with what came before delivered', async () => {
      write()
      const good = readFileSync(path)
      writeFileSync(path, Buffer.concat([good, Buffer.from([1, 2, 3])]))
      const source = new RecordedSource(path)
      let batches = 0
      source.start((batch: RingBatch) => {
        batches++
        batch.offset = batch.endOffset
      })
      await assert.rejects(source.done, (error) => error instanceof CaptureInvalidError && error.offset === good.length)
      assert.equal(batches, 2)
    })

    it('are refused or played, but never crash, wherever bytes were changed or cut', async () => {
      write()
      const good = readFileSync(path)
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }),
          fc.nat(good.length),
          async (changes, end) => {
            const bytes = Buffer.from(good)
            for (const [at, byte] of changes) bytes[at] = byte
            writeFileSync(path, bytes.subarray(0, end))
            try {
              await play(path)
            } catch (error) {
              assert(error instanceof CaptureInvalidError, String(error))
            }
          },
        ),
        { numRuns: 200 },
      )
    })
  })
})
