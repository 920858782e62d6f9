// The ledger with a spool: published + dropped + in flight = emitted per kind and CPU at every step, also for what earlier runs left.
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { AccountQueue } from '../../../../collector/publish/in-flight.js'
import { SpoolBooks } from '../../../../collector/publish/spool-books.js'
import { KIND } from '../../../../native/generated/layout.js'
import type { AccountCount } from '../../../../collector/spool/spool-listener.js'
import { Spool } from '../../../../collector/spool/spool.js'
import { SILENT_LOGGER } from '../../../../infra/process/logger.js'
import { bodyOfValues, SPOOL_KEY, withSpoolFolder } from '../../../support/spool/spool-folder.js'
import assert from 'node:assert/strict'
import fc from 'fast-check'

const CPUS = 2

describe('books of the spool', () => {
  it('balance over any records that go into the spool and leave it', () => {
    const step = fc.record({
      do: fc.constantFrom('append', 'append', 'append', 'spool', 'publish', 'drop', 'refuse'),
      kind: fc.constantFrom(KIND.exec, KIND.fork, KIND.exit),
      cpu: fc.integer({ min: 0, max: CPUS - 1 }),
      n: fc.integer({ min: 1, max: 5 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        const ledger = new Ledger(CPUS)
        const queue = new AccountQueue()
        const books = new SpoolBooks(ledger, { process: queue })
        const emitted = Array.from({ length: CPUS }, () => [] as number[])
        const blocks: (readonly AccountCount[])[] = []
        for (const { do: what, kind, cpu, n } of steps) {
          if (what === 'append') {
            queue.push(ledger.accountOf(kind, cpu))
            const of = (emitted[cpu] ??= [])
            of[kind] = (of[kind] ?? 0) + 1
          } else if (what === 'spool') {
            const records = Math.min(n, queue.size)
            blocks.push(books.accountsOf('process', records))
            books.spooled('process', records)
          } else {
            const outcome = what === 'publish' ? 'published' : what === 'drop' ? 'droppedSpool' : 'droppedCollector'
            books.unspooled('process', blocks.shift() ?? [], outcome, false)
          }
          let [spooled, inFlight] = [0, 0]
          for (const account of ledger.accounts(emitted.map((of) => ({ seq: [], emitted: of, dropped: [], suppressed: [] })))) {
            assert.equal(account.published + account.droppedCollector + account.droppedSpool + account.inFlight, account.emitted)
            assert(account.spooled >= 0 && account.spooled <= account.inFlight)
            spooled += account.spooled
            inFlight += account.inFlight
          }
          const inBlocks = blocks.flat().reduce((sum, { count }) => sum + count, 0)
          assert.deepEqual([spooled, inFlight], [inBlocks, inBlocks + queue.size])
        }
      }),
    )
  })

  it('have separate accounts for what an earlier run left, including kinds unknown to this version', async () => {
    await withSpoolFolder(async (folder) => {
      const first = await Spool.open({ folder, maxBytes: 1 << 20, sync: 'none' }, SILENT_LOGGER)
      const accounts = [
        { kind: 'exec', cpu: 1, count: 2 },
        { kind: 'of_a_later_version', cpu: 0, count: 1 },
      ]
      first.write('process', SPOOL_KEY, bodyOfValues(['a', 'b', 'c']), accounts, false)
      await first.close()
      const ledger = new Ledger(CPUS)
      const books = new SpoolBooks(ledger, {})
      const second = await Spool.open({ folder, maxBytes: 1 << 20, sync: 'none' }, SILENT_LOGGER)
      books.inherit(second)
      const losses = (): unknown[] =>
        ledger
          .accounts([])
          .map(({ kind, cpu, emitted, published, spooled, isInherited }) => [kind, cpu, emitted, published, spooled, isInherited])
      assert.deepEqual(losses(), [
        ['exec', 1, 2, 0, 2, true],
        ['of_a_later_version', 0, 1, 0, 1, true],
      ])
      books.unspooled('process', accounts, 'published', true)
      assert.deepEqual(losses(), [
        ['exec', 1, 2, 2, 0, true],
        ['of_a_later_version', 0, 1, 1, 0, true],
      ])
      await second.close()
    })
  })
})
