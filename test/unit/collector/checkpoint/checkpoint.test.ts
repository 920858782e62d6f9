// A checkpoint returns what it was passed up to the last complete frame, whatever a kill, a full disk or damage left of its file.
import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Checkpoint, type CheckpointDeps, type Positions } from '../../../../collector/checkpoint/checkpoint.js'
import { checkpointFile, loadCheckpoint } from '../../../../collector/checkpoint/load-checkpoint.js'
import { RING, type RingSlice } from '../../../../collector/source/event-source.js'
import { KIND } from '../../../../native/generated/layout.js'
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { exitRecord, ringBytes } from '../../../support/records/ring-records.js'

const BOOT = 'boot'
const EPOCH = 1_700_000_000_000_000

describe('checkpoint', () => {
  let folder: string
  let path: string
  let handled: Positions
  let failures: unknown[]
  const ledger = new Ledger(2)
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'eunomia-checkpoint-'))
    path = checkpointFile(folder, EPOCH)
    handled = [0, 0]
    failures = []
  })
  afterEach(() => rmSync(folder, { recursive: true }))

  const begin = (positions: Positions = [0, 0], more: Partial<CheckpointDeps> = {}): Checkpoint =>
    new Checkpoint(
      {
        path,
        state: () => ({ bootId: BOOT, epochUs: EPOCH, table: { processes: [], retired: [] }, cgroups: [] }),
        handled: () => handled,
        accountOf: (kind, cpu) => ledger.accountOf(kind, cpu),
        lostPairs: () => [ledger.accountOf(KIND.open, 1), 3],
        onFailure: (error) => failures.push(error),
        ...more,
      },
      positions,
      new Map(),
    )

  function exits(count: number): RingSlice {
    const bytes = ringBytes(Array.from({ length: count }, (_, seq) => exitRecord({ seq: BigInt(seq + 1), cpu: 1 }, 0)))
    return { bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), start: 0, end: bytes.length }
  }

  it('returns positions, settled and lost records, and the freed bytes', () => {
    const checkpoint = begin()
    const slice = exits(3)
    checkpoint.advance(RING.security, slice.end, slice)
    checkpoint.advance(RING.bulk, 64, { ...slice, end: 0 })
    checkpoint.close()
    const loaded = loadCheckpoint(path, BOOT, EPOCH)
    assert.ok(loaded !== null)
    assert.deepEqual([loaded.securityPosition, loaded.bulkPosition], [slice.end, 64])
    assert.deepEqual([...loaded.settled], [[ledger.accountOf(KIND.exit, 1), 3]])
    assert.deepEqual([...loaded.dropped], [[ledger.accountOf(KIND.open, 1), 3]])
    assert.deepEqual(Buffer.concat([...loaded.records]), Buffer.from(slice.bytes))
    assert.deepEqual(failures, [])
  })

  it('is ignored after another boot and for other counters', () => {
    begin().close()
    assert.equal(loadCheckpoint(path, 'another boot', EPOCH), null)
    assert.equal(loadCheckpoint(path, BOOT, EPOCH + 1), null)
    assert.equal(loadCheckpoint(join(folder, 'absent'), BOOT, EPOCH), null)
  })

  it('is read to its last whole frame wherever it is truncated, and never fails', () => {
    const checkpoint = begin()
    const slice = exits(1)
    const lengths = [1, 2, 3].map((step) => {
      checkpoint.advance(RING.security, step * slice.end, slice)
      return readFileSync(path).length
    })
    checkpoint.close()
    const whole = readFileSync(path)
    for (let length = whole.length; length >= 0; length -= 7) {
      truncateSync(path, length)
      const steps = lengths.filter((end) => end <= length).length
      const loaded = loadCheckpoint(path, BOOT, EPOCH)
      if (steps > 0) assert.equal(loaded?.securityPosition, steps * slice.end)
      else assert((loaded?.securityPosition ?? 0) === 0)
    }
  })

  it('is ignored from a damaged byte on', () => {
    const checkpoint = begin()
    const slice = exits(1)
    checkpoint.advance(RING.security, slice.end, slice)
    const length = readFileSync(path).length
    checkpoint.advance(RING.security, 2 * slice.end, slice)
    checkpoint.close()
    const bytes = readFileSync(path)
    bytes[length + 20] = (bytes[length + 20] ?? 0) ^ 1
    writeFileSync(path, bytes)
    appendFileSync(path, Buffer.alloc(100, 0xff))
    assert.equal(loadCheckpoint(path, BOOT, EPOCH)?.securityPosition, slice.end)
  })

  it('is rewritten when it is long, once both rings are freed up to its start, with all later records', () => {
    const slice = exits(20_000)
    const checkpoint = begin()
    for (let step = 1; step <= 5; step++) checkpoint.advance(RING.security, step * slice.end, slice)
    const long = readFileSync(path).length
    handled = [6 * slice.end, 64]
    checkpoint.keepHouse()
    checkpoint.advance(RING.security, 7 * slice.end, { ...slice, bytes: slice.bytes })
    assert(readFileSync(path).length >= long, 'the other ring is not freed')
    checkpoint.advance(RING.bulk, 64, { ...slice, end: 0 })
    checkpoint.close()
    assert(readFileSync(path).length < long)
    const loaded = loadCheckpoint(path, BOOT, EPOCH)
    assert.deepEqual([loaded?.securityPosition, loaded?.bulkPosition], [7 * slice.end, 64])
    assert.deepEqual([...(loaded?.settled ?? [])], [[ledger.accountOf(KIND.exit, 1), 6 * 20_000]])
  })

  it('reports once that it can not be written, and continues', () => {
    writeFileSync(join(folder, 'checkpoints'), 'no folder')
    const checkpoint = begin()
    checkpoint.advance(RING.security, 64, exits(1))
    checkpoint.keepHouse()
    checkpoint.advance(RING.security, 128, exits(1))
    assert.equal(failures.length, 1)
  })
})
