// The loss ledger: published + dropped + suppressed + in flight = emitted, exactly, whatever happens to the events.
import { type Account, OWN_KIND } from '../../../../collector/ledger/account.js'
import { Ledger } from '../../../../collector/ledger/ledger.js'
import { KIND, KIND_MAX } from '../../../../native/generated/layout.js'
import { RING } from '../../../../collector/source/event-source.js'
import type { CpuCounters } from '../../../../native/addon.js'
import { NO_HASHES } from '../../../../collector/executables/executable-hashes.js'
import { CPUS, RecordBench, USERS } from '../../../support/records/record-bench.js'
import { cgroupRecord, execRecord, openRecord, ringBytes } from '../../../support/records/ring-records.js'
import assert from 'node:assert/strict'
import fc from 'fast-check'

/** The kernel's counters, as its programs would count. */
class KernelCounters {
  readonly cpus = Array.from({ length: CPUS }, () => ({
    seq: new Array<number>(8).fill(0),
    emitted: new Array<number>(KIND_MAX).fill(0),
    dropped: new Array<number>(KIND_MAX).fill(0),
    suppressed: new Array<number>(KIND_MAX).fill(0),
  }))

  count(what: 'emitted' | 'dropped' | 'suppressed', kind: number, cpu: number): void {
    const counts = this.cpus[cpu]?.[what]
    assert(counts !== undefined)
    counts[kind] = (counts[kind] ?? 0) + 1
  }

  nextSeq(topic: number, cpu: number): bigint {
    const counts = this.cpus[cpu]?.seq
    assert(counts !== undefined)
    counts[topic] = (counts[topic] ?? 0) + 1
    return BigInt(counts[topic])
  }
}

function totals(accounts: readonly Account[]): Omit<Account, 'topic' | 'kind' | 'cpu' | 'droppedSpool' | 'spooled' | 'isInherited'> {
  const sum = (of: (account: Account) => number): number => accounts.reduce((total, account) => total + of(account), 0)
  return {
    emitted: sum(({ emitted }) => emitted),
    published: sum(({ published }) => published),
    droppedRing: sum(({ droppedRing }) => droppedRing),
    droppedCollector: sum(({ droppedCollector }) => droppedCollector),
    suppressed: sum(({ suppressed }) => suppressed),
    inFlight: sum(({ inFlight }) => inFlight),
  }
}

describe('loss ledger', () => {
  it('balances per kind and CPU through drops, filters, refusals, losses, mangled records and late acknowledgements', async () => {
    const action = fc.record({
      what: fc.constantFrom('open', 'open', 'open', 'exec', 'cgroup', 'mangled', 'dropped', 'suppressed', 'unneeded', 'ack', 'lose'),
      cpu: fc.integer({ min: 0, max: CPUS - 1 }),
      count: fc.integer({ min: 1, max: 4 }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.integer({ min: 1, max: 6 }), async (actions, room) => {
        let isNeeded = true
        const screen = {
          ...{ isForRules: () => true, isPlaceNew: () => false, mayMatch: () => isNeeded },
          judgeOfOpens: null,
          excludedAgain: () => undefined,
        }
        const bench = await RecordBench.open({}, USERS, undefined, NO_HASHES, screen)
        const kernel = new KernelCounters()
        bench.log.room = room
        let inRing = 0
        let seen = 0
        for (const { what, cpu, count } of actions) {
          isNeeded = what !== 'unneeded'
          if (what === 'ack') bench.log.ack(Math.min(count, bench.log.held))
          else if (what === 'lose') bench.log.lose(Math.min(count, bench.log.held))
          else if (what === 'suppressed') kernel.count('suppressed', KIND.open, cpu)
          else {
            const kind = what === 'exec' ? KIND.exec : what === 'cgroup' ? KIND.cgroupMkdir : KIND.open
            const topic = what === 'exec' ? 0 : what === 'cgroup' ? 2 : 1
            kernel.count('emitted', kind, cpu)
            const seq = kernel.nextSeq(topic, cpu)
            if (what === 'dropped') kernel.count('dropped', kind, cpu)
            else {
              const header = { cpu, seq, pid: 9 }
              const records = {
                open: () => openRecord(header, { path: '/a' }),
                unneeded: () => openRecord(header, { path: '/a' }),
                exec: () => execRecord(header, {}),
                cgroup: () => cgroupRecord(6, header, 0, '/x'),
                mangled: () => openRecord(header).subarray(0, 80),
              }
              // A batch that finds no room stays in the ring: in flight.
              const batch = bench.feedBytes(what === 'exec' || what === 'cgroup' ? RING.security : RING.bulk, ringBytes([records[what]()]))
              if (batch.offset === 0) inRing++
              else seen++
            }
          }
          for (const ring of [RING.security, RING.bulk]) bench.pipeline.resume(ring)
          const accounts = bench.ledger.accounts(kernel.cpus)
          for (const account of accounts) {
            const { emitted, published, droppedRing, droppedCollector, suppressed, inFlight } = account
            assert.equal(published + droppedRing + droppedCollector + suppressed + inFlight, emitted)
            assert(inFlight >= 0, `${account.kind} has ${String(inFlight)} in flight`)
          }
          assert.equal(totals(accounts).inFlight, bench.log.held + inRing)
        }
        bench.log.ack()
        const { published, droppedCollector, inFlight } = totals(bench.ledger.accounts(kernel.cpus))
        assert.equal(inFlight, inRing)
        assert.equal(published + droppedCollector + bench.pipeline.suppressed, seen)
      }),
      { numRuns: 200 },
    )
  })

  it('counts as emitted what the hook saw, including filtered events', () => {
    const kernel = new KernelCounters()
    kernel.count('emitted', KIND.open, 1)
    kernel.count('suppressed', KIND.open, 1)
    const [account] = new Ledger(CPUS).accounts(kernel.cpus)
    const expected = {
      topic: 'file',
      kind: 'open',
      cpu: 1,
      emitted: 2,
      published: 0,
      droppedRing: 0,
      droppedCollector: 0,
      droppedSpool: 0,
      spooled: 0,
      isInherited: false,
      suppressed: 1,
      inFlight: 1,
    }
    assert.deepEqual(account, expected)
  })

  it('has a separate account, with cpu -1, for records of the collector', () => {
    const ledger = new Ledger(CPUS)
    assert.equal(ledger.make(OWN_KIND.snapshot), 1)
    assert.equal(ledger.make(OWN_KIND.snapshot), 2)
    ledger.published(ledger.accountOf(OWN_KIND.snapshot, -1))
    const [account] = ledger.accounts([])
    assert.deepEqual([account?.topic, account?.kind, account?.cpu, account?.emitted, account?.inFlight], ['process', 'snapshot', -1, 2, 1])
  })

  it('names foreign system calls and kinds of a newer kernel side', () => {
    const kernel = new KernelCounters()
    kernel.count('suppressed', 0, 0)
    kernel.count('emitted', 63, 0)
    const names = new Ledger(CPUS).accounts(kernel.cpus satisfies readonly CpuCounters[]).map(({ topic, kind }) => [topic, kind])
    assert.deepEqual(names, [
      ['unknown', 'foreign_abi'],
      ['unknown', 'kind_63'],
    ])
  })
})
