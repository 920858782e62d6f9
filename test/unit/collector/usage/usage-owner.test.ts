import assert from 'node:assert/strict'
import { NO_LEADERS, Lineage } from '../../../../collector/processes/lineage.js'
import { ProcessEntry, ProcessImage } from '../../../../collector/processes/process-entry.js'
import { textsOf } from '../../../../collector/processes/process-texts.js'
import { KeptBytes } from '../../../../collector/ring-events/kept-bytes.js'
import { readFork } from '../../../../collector/ring-events/process-records.js'
import { commAt, OwnerFacts, ownerAt } from '../../../../collector/usage/usage-owner.js'
import { FakeContainerIndex } from '../../../support/fakes/fake-container-index.js'
import { forkRecord } from '../../../support/records/ring-records.js'
import { comm, ownerBytes } from '../../../support/usage/table-bytes.js'

const INTERVAL = { startBootUs: 1000, endBootUs: 2000 }

describe('the owner of an aggregate', () => {
  /** A process that runs /bin/late, as `late`, since a time. */
  const processSince = (sinceUs: number): ProcessEntry => {
    const record = forkRecord({}, { comm: 'late' })
    const view = new DataView(record.buffer, record.byteOffset, record.length)
    const facts = readFork(record, view, 0, record.length, new KeptBytes()) ?? assert.fail()
    const entry = new ProcessEntry(7, 500, 'exec')
    const texts = textsOf(new Uint8Array(0), 0, Buffer.from('/bin/late'), null)
    entry.image = new ProcessImage(entry, sinceUs, {
      facts,
      texts,
      lineage: new Lineage([], new Uint8Array(0)),
      leaders: NO_LEADERS,
      execCount: 1,
    })
    return entry
  }
  const owner = { pid: 7, startUs: 500, cgroupId: 1n, isV1: false }

  it('is read as the programs write it', () => {
    const bytes = ownerBytes({ pid: 7, startNs: 10_000_000_000_001_000n, cgroupId: 2n ** 63n, isV1: true })
    assert.deepEqual(ownerAt(bytes, 0), { pid: 7, startUs: 10_000_000_000_001, cgroupId: 2n ** 63n, isV1: true })
    assert.equal(commAt(comm('0123456789abcdef'), 0), '0123456789abcdef')
    assert.equal(commAt(Buffer.concat([comm('ab'), comm('cd')]), 0), 'ab')
    assert.equal(commAt(Buffer.from([0xff, 0x61, 0]), 0), '\ufffda')
  })

  it('has the name from the kernel, unless it executed another program in the interval', () => {
    const factsOf = (image: ProcessImage | null): OwnerFacts => new OwnerFacts({ find: () => image }, new FakeContainerIndex())
    const facts = { pid: 7, startBootUs: 500, exePath: '/bin/late' }
    assert.deepEqual(factsOf(processSince(1500).image).processOf(owner, 'early', INTERVAL), { ...facts, name: 'late' })
    assert.deepEqual(factsOf(processSince(900).image).processOf(owner, 'renamed', INTERVAL), { ...facts, name: 'renamed' })
    assert.deepEqual(factsOf(null).processOf(owner, 'unknown', INTERVAL), { ...facts, name: 'unknown', exePath: null })
  })

  it('keeps its executable after its end, for this interval and the next', () => {
    const facts = new OwnerFacts({ find: () => null }, new FakeContainerIndex())
    const exePath = (): string | null | undefined => facts.processOf(owner, 'late', INTERVAL)?.exePath
    facts.ended(processSince(0))
    assert.equal(exePath(), '/bin/late')
    facts.endInterval()
    assert.equal(exePath(), '/bin/late')
    facts.endInterval()
    assert.equal(exePath(), null)
  })

  it('has no executable above the bound of 16,384 ended processes', () => {
    const facts = new OwnerFacts({ find: () => null }, new FakeContainerIndex())
    for (let pid = 100; pid < 100 + 16_384; pid++) {
      const entry = new ProcessEntry(pid, 500, 'exec')
      entry.image = processSince(0).image
      facts.ended(entry)
    }
    facts.ended(processSince(0))
    assert.equal(facts.processOf(owner, 'late', INTERVAL)?.exePath, null)
    assert.equal(facts.processOf({ ...owner, pid: 100 + 16_383 }, 'late', INTERVAL)?.exePath, '/bin/late')
    assert.equal(facts.endedForgotten, 1)
  })
})
