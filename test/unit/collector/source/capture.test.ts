// Capture files: what is written plays the same; whatever else a file holds is refused with the byte where it goes wrong.
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { AnswerRecorder } from '../../../../collector/recording/answer-recorder.js'
import { RECORD_VERSION } from '../../../../native/generated/layout.js'
import { CaptureInvalidError, MAX_FRAME_BYTES } from '../../../../collector/source/capture-format.js'
import { CaptureWriter } from '../../../../collector/source/capture-writer.js'
import { RING, type RingBatch } from '../../../../collector/source/event-source.js'
import { CaptureSource } from '../../../../collector/source/capture-source.js'
import { TeeSource } from '../../../../collector/source/tee-source.js'
import { ScriptedSource } from '../../../support/fakes/scripted-source.js'
import { execRecord, openRecord, ringBytes, taskRecord } from '../../../support/records/ring-records.js'

const FACTS = { bootId: 'b0071d', hostName: 'here', kernelRelease: '6.18.0', cpus: 2, bootToWallUs: 1_759_000_000_000_000 }
const HEADER = { format: 'eunomia-capture', version: 1, recordVersion: RECORD_VERSION, ...FACTS }

const NO_END = { onFull: () => assert.fail('full'), onFailure: (error: unknown) => assert.fail(String(error)) }

/** Plays a file to its end. @returns ring and bytes of each batch */
async function play(path: string): Promise<{ source: CaptureSource; batches: [ring: number, bytes: Buffer][] }> {
  const source = new CaptureSource(path)
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

  it('deliver a batch again when the receiver had no room, from where it stopped', async () => {
    write()
    const source = new CaptureSource(path)
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

  it('have the frames of a source that is recorded during use', async () => {
    write()
    const copy = join(folder, 'copy.capture')
    const source = new TeeSource(new CaptureSource(path), new CaptureWriter(copy, FACTS), null, NO_END)
    source.tasks()
    let refusals = 0
    source.start((batch) => {
      // The first batch finds no room at first; it must not occur twice in the copy.
      if (refusals++ === 0) return void setImmediate(() => source.resume(batch.ring))
      batch.offset = batch.endOffset
    })
    await source.done
    source.close()
    assert.deepEqual(readFileSync(copy), readFileSync(path))
  })

  it('hold what was handled in the order in which it was handled, when a batch found room for its beginning only', async () => {
    const two = ringBytes([openRecord({}, { path: '/a' }), openRecord({ seq: 2n }, { path: '/b' })])
    const half = two.length / 2
    const writer = new CaptureWriter(path, FACTS)
    const scripted = new ScriptedSource()
    new TeeSource(scripted, writer, null, NO_END).start((batch) => {
      batch.offset = batch.ring === RING.bulk && batch.offset === 0 ? half : batch.endOffset
    })
    const waiting = scripted.give(RING.bulk, two)
    scripted.give(RING.security, security)
    scripted.again(waiting)
    writer.close()
    const { batches } = await play(path)
    assert.deepEqual(batches, [
      [1, Buffer.from(two.subarray(0, half))],
      [0, Buffer.from(security)],
      [1, Buffer.from(two.subarray(half))],
    ])
  })

  it('end at their bound with all records before it, report that once, and count later records', async () => {
    let [fulls, passed] = [0, 0]
    const writer = new CaptureWriter(path, FACTS, 2000)
    const scripted = new ScriptedSource()
    const source = new TeeSource(scripted, writer, null, { ...NO_END, onFull: () => fulls++ })
    source.start((batch) => {
      passed++
      batch.offset = batch.endOffset
    })
    for (let count = 0; count < 20; count++) scripted.give(RING.security, security)
    source.close()
    source.close()
    assert.equal(fulls, 1)
    assert.equal(passed, 20)
    assert.equal(source.recorded + source.leftOut, 40)
    assert(source.leftOut > 0 && writer.sizeBytes <= 2000)
    const { batches } = await play(path)
    assert.equal(batches.length * 2, source.recorded)
  })

  it('do not disturb the source when the write fails, which is reported once', () => {
    const failures: unknown[] = []
    let passed = 0
    const writer = new CaptureWriter(path, FACTS)
    writer.frame = () => {
      throw new Error('no space left on device')
    }
    const scripted = new ScriptedSource()
    new TeeSource(scripted, writer, null, { ...NO_END, onFailure: (error) => failures.push(error) }).start((batch) => {
      passed++
      batch.offset = batch.endOffset
    })
    for (let count = 0; count < 3; count++) scripted.give(RING.security, security)
    assert.deepEqual([failures.length, passed], [1, 3])
  })

  it('are removed when they end without a record, so that the next attempt can create the file', () => {
    for (let tries = 0; tries < 2; tries++) {
      const source = new TeeSource(new ScriptedSource(), new CaptureWriter(path, FACTS), new AnswerRecorder(), NO_END)
      assert.ok(existsSync(path))
      source.close()
      assert.ok(!existsSync(path))
    }
  })

  it('do not remove another file that replaced theirs', () => {
    const writer = new CaptureWriter(path, FACTS)
    renameSync(path, join(folder, 'moved'))
    writeFileSync(path, 'of somebody else')
    writer.close()
    assert.equal(readFileSync(path, 'utf8'), 'of somebody else')
  })

  it('hold answers of any length in readable frames, and refuse longer frames', async () => {
    const answers = Array.from({ length: 40 }, (_, uid) => ({ at: 0, uid, name: 'x'.repeat(1 << 20) }))
    const writer = new CaptureWriter(path, FACTS)
    assert.ok(writer.frame(RING.security, security, 0, security.length, false, answers))
    assert.throws(
      () => writer.frame(RING.bulk, new Uint8Array(MAX_FRAME_BYTES + 1), 0, MAX_FRAME_BYTES + 1),
      /longer than a capture allows/,
    )
    writer.close()
    const { batches } = await play(path)
    assert.deepEqual(batches, [[0, Buffer.from(security)]])
  })

  it('never overwrite a file', () => {
    write()
    assert.throws(() => new CaptureWriter(path, FACTS), { code: 'EEXIST' })
  })

  it('that were truncated deliver every whole record, wherever the cut is, and report the rest', async () => {
    const sizes = { tasks: 8 + tasks.length, security: 8 + security.length, bulk: 8 + bulk.length }
    const [task, exec] = [tasks.length / 2, security.length / 2]
    write()
    const good = readFileSync(path)
    const begin = good.length - sizes.bulk - sizes.security - sizes.tasks
    for (let end = begin; end < good.length; end += end - begin < 20 ? 1 : 7) {
      writeFileSync(path, good.subarray(0, end))
      const { source, batches } = await play(path)
      const left = end - begin
      const ofTasks = Math.min(2, Math.max(0, Math.floor((left - 8) / task)))
      const ofSecurity = Math.min(2, Math.max(0, Math.floor((left - sizes.tasks - 8) / exec)))
      assert.equal(source.tasks().length, ofTasks * task)
      assert.equal(Buffer.concat(batches.map(([, bytes]) => bytes)).length, ofSecurity * exec)
      const isWhole = left === 0 || left === sizes.tasks || left === sizes.tasks + sizes.security
      assert.equal(source.torn === null, isWhole, `cut at ${String(left)}`)
      if (source.torn !== null) assert.equal(source.torn.offset + source.torn.bytes, end)
    }
  })

  describe('that are not captures', () => {
    const line = `${JSON.stringify(HEADER)}\n`
    const frame = (ring: number, length: number, bytes: Uint8Array): Buffer => {
      const head = Buffer.alloc(8)
      head.writeUInt32LE(ring, 0)
      head.writeUInt32LE(length, 4)
      return Buffer.concat([head, bytes])
    }

    for (const [what, content, offset, pattern] of [
      ['are empty', '', 0, /does not end/],
      ['hold no JSON', 'hello\n', 0, /not JSON/],
      ['hold JSON that is not an object', '7\n', 0, /not a JSON object/],
      ['have another format', `${JSON.stringify({ ...HEADER, format: 'pcap' })}\n`, 0, /format must be "eunomia-capture"/],
      [
        'have a later record version',
        `${JSON.stringify({ ...HEADER, recordVersion: RECORD_VERSION + 1 })}\n`,
        0,
        new RegExp(`recordVersion must be ${String(RECORD_VERSION)}`),
      ],
      ['name no host', `${JSON.stringify({ ...HEADER, version: 2 })}\n`, 0, /identity must be hostId, epochUs and startedAtUs/],
      ['claim a million CPUs', `${JSON.stringify({ ...HEADER, cpus: 1e6 })}\n`, 0, /cpus must be/],
    ] as const) {
      it(`and ${what} are refused`, () => {
        writeFileSync(path, content)
        assert.throws(
          () => new CaptureSource(path),
          (error) =>
            error instanceof CaptureInvalidError && error.offset === offset && pattern.test(error.message) && error.message.includes(path),
        )
      })
    }

    for (const [what, rest, at, pattern] of [
      ['a ring that there is not', frame(9, 0, Buffer.alloc(0)), 0, /no ring 9/],
      ['a ring whose highest bit is set', frame(0x80000000, 0, Buffer.alloc(0)), 0, /no ring 2147483648/],
      ['a frame of four gigabytes', frame(0, 0xffffffff, Buffer.alloc(0)), 4, /too long/],
      [
        'a record that exceeds its frame',
        frame(0, 16, Buffer.from([200, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
        8,
        /exceeds its frame/,
      ],
    ] as const) {
      it(`and hold ${what} are refused at that byte`, () => {
        writeFileSync(path, Buffer.concat([Buffer.from(line), rest]))
        assert.throws(
          () => new CaptureSource(path),
          (error) => error instanceof CaptureInvalidError && error.offset === line.length + at && pattern.test(error.message),
        )
      })
    }

    for (const [what, json, pattern] of [
      ['are not JSON', 'hello', /not JSON/],
      ['are not a list', '{}', /not a list/],
      ['have an unknown kind', '[{"at":0,"offsetUs":0},{"at":0,"weather":"fine"}]', /answer 1 of the host is not valid/],
      ['name no cgroup', '[{"at":0,"cgroup":"../..","path":null,"claim":null,"containerId":null}]', /answer 0/],
      ['have an invalid container', '[{"at":0,"container":{"type":"facts"}}]', /answer 0 of the host has an invalid container: .*expected/],
    ] as const) {
      it(`and hold answers that ${what} are refused`, () => {
        writeFileSync(path, Buffer.concat([Buffer.from(line), frame(3, json.length, Buffer.from(json))]))
        assert.throws(
          () => new CaptureSource(path),
          (error) => error instanceof CaptureInvalidError && error.offset === line.length && pattern.test(error.message),
        )
      })
    }

    it('after a valid beginning reject `done`, with all earlier records delivered', async () => {
      write()
      const good = readFileSync(path)
      writeFileSync(path, Buffer.concat([good, frame(9, 0, Buffer.alloc(0))]))
      const source = new CaptureSource(path)
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
