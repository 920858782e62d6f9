// The balance of topics and ledger: what a killed run left in the spool counts as published only once it is sent.
import assert from 'node:assert/strict'
import type { HostEvent, LedgerEntry } from '../../../../../schemas/generated/types.js'
import { sampleFileEvent, sampleOrigin } from '../../../../support/records/sample-records.js'
import type { ClusterRecords } from '../../../../support/system/cluster-records.js'
import { sequenceAccounts } from '../../../../support/system/event-ledger.js'

const CPU = 2

const entry = (change: Partial<LedgerEntry>): LedgerEntry => ({
  ...{ topic: 'file', kind: 'open', cpu: CPU, emitted: 0, published: 0, droppedRing: 0, droppedCollector: 0, droppedSpool: 0 },
  ...{ suppressed: 0, spooled: 0, isInherited: false },
  ...change,
})

const heartbeat = (...ledger: readonly LedgerEntry[]): HostEvent => ({
  origin: sampleOrigin({ cpu: -1 }),
  ...{ collectorVersion: '0', kernelRelease: '0', architecture: 'x86_64', startedAtUs: 0, isLast: true, probes: [], ledger, losses: [] },
  ...{ counters: {}, processes: 0, containers: 0, cpuUs: 0, rssBytes: 0 },
})

/** A topic with the opens of these numbers. */
function withOpens(...seqs: readonly number[]): ClusterRecords {
  const file = seqs.map((seq) => sampleFileEvent({ origin: sampleOrigin({ cpu: CPU, seq }) }))
  const none = {
    process: [],
    network: [],
    kernel: [],
    container: [],
    host: [],
    usage: [],
    alerts: [],
    pending: [],
    deadletter: [],
    audit: [],
    state: [],
    archive: [],
    hunts: [],
  }
  return { ...none, file }
}

describe('balance of topics and ledger', () => {
  it('counts what filters left out as never given, and finds the numbers that are missing or there twice', () => {
    const ledger = heartbeat(entry({ emitted: 9, suppressed: 3, published: 4, droppedRing: 1 }))
    assert.deepEqual(sequenceAccounts(withOpens(1, 2, 2, 3, 5), ledger), [
      { topic: 'file', cpu: CPU, given: 6, published: 4, missing: 2, repeated: 1, ledger: { published: 4, dropped: 1, inFlight: 1 } },
    ])
  })

  // A run read ten events, sent four and was killed with six in its spool: for the ring all ten are settled.
  const settled = entry({ emitted: 10, published: 10 })
  const inherited = entry({ emitted: 6, isInherited: true })

  it('has in flight what a killed run left in the spool, as long as the next run has not sent it', () => {
    const ledger = heartbeat(settled, { ...inherited, published: 1, spooled: 5 })
    assert.deepEqual(sequenceAccounts(withOpens(1, 2, 3, 4, 5), ledger), [
      { topic: 'file', cpu: CPU, given: 10, published: 5, missing: 5, repeated: 0, ledger: { published: 5, dropped: 0, inFlight: 5 } },
    ])
  })

  it('gives no events of their own to those accounts once all is sent', () => {
    const ledger = heartbeat(settled, { ...inherited, published: 6 })
    assert.deepEqual(sequenceAccounts(withOpens(1, 2, 3, 4, 5, 6, 7, 8, 9, 10), ledger), [
      { topic: 'file', cpu: CPU, given: 10, published: 10, missing: 0, repeated: 0, ledger: { published: 10, dropped: 0, inFlight: 0 } },
    ])
  })
})
