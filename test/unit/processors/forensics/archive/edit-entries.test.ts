// Changes of entries: what is joined, and the gaps that stand for what retention removes.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { joinable, removeEntries } from '../../../../../processors/forensics/archive/edit-entries.js'
import type { ArchiveEntry } from '../../../../../schemas/generated/types.js'

function entryOf(firstOffset: number, nextOffset: number, more: Partial<ArchiveEntry> = {}): ArchiveEntry {
  return {
    ...{ object: `process/x/${String(firstOffset)}`, topic: 'eunomia.process.v1', partition: 0, firstOffset, nextOffset },
    ...{ records: nextOffset - firstOffset, bytes: 10, sha256: '', minTimestampMs: 0, maxTimestampMs: firstOffset },
    ...{ minTimeUs: null, maxTimeUs: null, keys: null, kinds: null, gaps: [], createdUs: 0, writer: 'x' },
    ...more,
  }
}

const runs = (entries: readonly ArchiveEntry[], smallBytes = 100, objectBytes = 35): number[][] =>
  joinable(entries, { smallBytes, objectBytes }).map((run) => run.map(({ firstOffset }) => firstOffset))

describe('changes of entries', () => {
  it('join small neighbours of one partition, up to the size of an object', () => {
    const entries = [entryOf(0, 5), entryOf(5, 6), entryOf(6, 9), entryOf(9, 10), entryOf(10, 20), entryOf(30, 31)]
    assert.deepEqual(runs(entries), [
      [0, 5, 6],
      [9, 10],
    ])
    assert.deepEqual(runs([entryOf(0, 5), entryOf(5, 6, { bytes: 200 }), entryOf(6, 9)]), [])
    assert.deepEqual(runs([entryOf(0, 5), entryOf(5, 6, { partition: 1 })]), [])
    const gaps = Array.from({ length: 11_000 }, (_, index) => ({ firstOffset: index, nextOffset: index + 1, reason: 'absent' as const }))
    assert.deepEqual(runs([entryOf(0, 5, { gaps }), entryOf(5, 6, { gaps }), entryOf(6, 7)]), [[5, 6]])
  })

  it('keep every offset in an object or in a gap, whatever is removed, as long as one is kept', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ length: fc.integer({ min: 1, max: 9 }), isRemoved: fc.boolean() }), { maxLength: 20 }), (drawn) => {
        let next = 0
        const removed = new Set<string>()
        const entries = drawn.map(({ length, isRemoved }) => {
          const entry = entryOf(next, (next += length))
          if (isRemoved) removed.add(entry.object)
          return entry
        })
        const change = removeEntries(entries, ({ object }) => removed.has(object))
        assert.deepEqual(change.removed, [...removed])
        const written = new Map(change.written.map((entry) => [entry.object, entry]))
        const kept = entries.filter(({ object }) => !removed.has(object)).map((entry) => written.get(entry.object) ?? entry)
        let at = 0
        for (const entry of kept) {
          assert.equal(entry.firstOffset, at)
          const missing = entry.gaps.reduce((sum, gap) => sum + gap.nextOffset - gap.firstOffset, 0)
          assert.equal(missing + entry.records, entry.nextOffset - entry.firstOffset)
          assert.ok(entry.gaps.length <= 2 && entry.gaps.every(({ reason }) => reason === 'expired'))
          at = entry.nextOffset
        }
        if (kept.length > 0) assert.equal(at, next)
      }),
    )
  })
})
