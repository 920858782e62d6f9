import assert from 'node:assert/strict'
import { countsOf, DropWatch, type Counts, type DropReport } from '../../../../collector/drops/drop-watch.js'
import { KIND } from '../../../../native/generated/layout.js'

const SECOND = 1_000_000

function counts(dropped: Partial<Record<number, number>>, refused: Partial<Record<number, number>> = {}): Counts {
  const list = (of: Partial<Record<number, number>>): number[] => Array.from({ length: 64 }, (_, kind) => of[kind] ?? 0)
  return { dropped: list(dropped), refused: list(refused) }
}

describe('watch for drops', () => {
  /** Publishes everything that is due. */
  function due(watch: DropWatch, nowUs: number, isLast = false): DropReport[] {
    const reports: DropReport[] = []
    watch.report(nowUs, (report) => reports.push(report) > 0, isLast)
    return reports
  }

  it('reports at once, with the kinds in the order of their numbers, and then at most every five seconds', () => {
    const watch = new DropWatch(0)
    watch.look(counts({}), SECOND)
    assert.deepEqual(due(watch, SECOND), [])
    watch.look(counts({ [KIND.exec]: 2 }, { [KIND.call]: 7 }), 2 * SECOND)
    assert.deepEqual(due(watch, 2 * SECOND), [{ group: 'others', kinds: ['call', 'exec'], dropped: 2, refused: 7, intervalUs: SECOND }])
    watch.look(counts({ [KIND.exec]: 3 }, { [KIND.call]: 7 }), 3 * SECOND)
    assert.equal(watch.isDue(3 * SECOND), false)
    watch.look(counts({ [KIND.exec]: 5 }, { [KIND.call]: 8 }), 7 * SECOND)
    assert.deepEqual(due(watch, 7 * SECOND), [{ group: 'others', kinds: ['exec', 'call'], dropped: 3, refused: 1, intervalUs: 5 * SECOND }])
  })

  it('reports opens apart from all other kinds', () => {
    const watch = new DropWatch(0)
    watch.look(counts({ [KIND.open]: 9, [KIND.rename]: 1 }), SECOND)
    assert.deepEqual(
      due(watch, SECOND).map(({ group, kinds, dropped }) => [group, kinds, dropped]),
      [
        ['others', ['rename'], 1],
        ['opens', ['open'], 9],
      ],
    )
  })

  it('reports again what was refused by the log, and the rest at the end', () => {
    const watch = new DropWatch(0)
    watch.look(counts({ [KIND.exec]: 1 }), SECOND)
    watch.report(SECOND, () => false)
    assert.equal(due(watch, SECOND).length, 1)
    watch.look(counts({ [KIND.exec]: 2 }), 2 * SECOND)
    assert.deepEqual(due(watch, 2 * SECOND), [])
    assert.equal(due(watch, 2 * SECOND, true)[0]?.dropped, 1)
  })

  it('begins with the counts that an earlier collector reported', () => {
    const watch = new DropWatch(0, counts({ [KIND.exec]: 40 }))
    watch.look(counts({ [KIND.exec]: 41 }), SECOND)
    assert.equal(due(watch, SECOND)[0]?.dropped, 1)
  })

  it('adds up all CPUs, and what the collector and its spool lost', () => {
    const cpu = (dropped: number): Parameters<typeof countsOf>[0][number] => ({
      seq: [],
      emitted: [],
      dropped: [0, dropped],
      suppressed: [],
    })
    assert.equal(countsOf([cpu(2), cpu(3)], [], (kind) => (kind === KIND.fork ? 4 : 0)).dropped[KIND.fork], 9)
  })
})
