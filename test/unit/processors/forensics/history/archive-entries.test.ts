// Which object an offset is read from.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { piecesOf } from '../../../../../processors/forensics/history/archive-entries.js'
import type { ArchiveEntry } from '../../../../../schemas/generated/types.js'

function entryOf(
  object: string,
  firstOffset: number,
  nextOffset: number,
  createdUs = 0,
  gaps: readonly (readonly [number, number])[] = [],
): ArchiveEntry {
  return {
    ...{ object, topic: 'eunomia.process.v1', partition: 0, firstOffset, nextOffset, records: 1, bytes: 10, sha256: '' },
    ...{ minTimestampMs: 0, maxTimestampMs: 0, minTimeUs: null, maxTimeUs: null, keys: null, kinds: null, createdUs, writer: 'x' },
    gaps: gaps.map(([from, to]) => ({ firstOffset: from, nextOffset: to, reason: 'absent' })),
  }
}

const pieces = (...entries: ArchiveEntry[]): unknown[] => piecesOf(entries).map(({ from, to, entry }) => [entry.object, from, to])

describe('pieces of the archive', () => {
  it('are whole entries, unless they overlap', () => {
    assert.deepEqual(pieces(entryOf('b', 5, 9, 0, [[6, 7]]), entryOf('a', 0, 5)), [
      ['a', 0, 5],
      ['b', 5, 9],
    ])
  })

  it('are of the entry that has a record, not of a gap of another one', () => {
    const wide = entryOf('wide', 10, 50, 9, [[10, 40]])
    assert.deepEqual(pieces(wide, entryOf('a', 10, 20), entryOf('b', 20, 30), entryOf('c', 30, 38)), [
      ['a', 10, 20],
      ['b', 20, 30],
      ['c', 30, 38],
      ['wide', 38, 50],
    ])
  })

  it('are of the latest entry where more than one has the record: the topic was created again', () => {
    assert.deepEqual(pieces(entryOf('old', 0, 100, 1), entryOf('new', 0, 30, 2)), [
      ['new', 0, 30],
      ['old', 30, 100],
    ])
  })

  it('have each offset of any entries once, from one that has its record if there is one', () => {
    const drawn = fc.record({
      first: fc.nat(30),
      length: fc.integer({ min: 1, max: 20 }),
      gap: fc.tuple(fc.nat(20), fc.nat(20)),
      createdUs: fc.nat(3),
    })
    fc.assert(
      fc.property(fc.array(drawn, { maxLength: 6 }), (all) => {
        const entries = all.map(({ first, length, gap: [from, size], createdUs }, index) => {
          const next = first + length
          const [start, end] = [Math.min(first + from, next), Math.min(first + from + size, next)]
          return entryOf(String(index), first, next, createdUs, end > start ? [[start, end]] : [])
        })
        const isRecord = (entry: ArchiveEntry, offset: number): boolean =>
          offset >= entry.firstOffset &&
          offset < entry.nextOffset &&
          !entry.gaps.some((gap) => offset >= gap.firstOffset && offset < gap.nextOffset)
        const found = piecesOf(entries)
        for (let offset = 0; offset < 60; offset++) {
          const own = found.filter(({ from, to }) => offset >= from && offset < to)
          assert.equal(own.length, entries.some(({ firstOffset, nextOffset }) => offset >= firstOffset && offset < nextOffset) ? 1 : 0)
          if (entries.some((entry) => isRecord(entry, offset))) assert.ok(own[0] !== undefined && isRecord(own[0].entry, offset))
        }
      }),
    )
  })
})
