// The broker stays away for longer than memory and rings hold what comes: what then is lost is counted, to the event.
import assert from 'node:assert/strict'
import { LOAD_RULES, startLoad, seenOf, truthOf } from '../../support/system/container-load.js'
import { useDocker } from '../../support/services/docker.js'
import type { LedgerEntry } from '../../../schemas/generated/types.js'
import { inFlightOf, sequenceAccounts } from '../../support/system/event-ledger.js'
import { FollowedTopic } from '../../support/system/followed-topic.js'
import { startOwnKafka, type OwnKafka } from '../../support/services/own-kafka.js'
import { TestSystem } from '../../support/system/test-system.js'
import { waitFor } from '../../support/wait-for.js'
import { Workloads } from '../../e2e/native/workload.js'

const BEFORE = { rounds: 101, opens: 3, pauseUs: 1000 }
const FLOOD = { rounds: 1009, opens: 29, pauseUs: 0 }
const AFTER = { rounds: 53, opens: 3, pauseUs: 1000 }

/** Few enough records in flight for a ring that is not full. */
function isSmall(ledger: readonly LedgerEntry[]): boolean {
  return ledger.reduce((sum, entry) => sum + inFlightOf(entry), 0) < 200
}

describe('the collector while the broker is away and all buffers fill up', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let kafka: OwnKafka
  let system: TestSystem

  before(async () => {
    kafka = await startOwnKafka(2)
    // Small buffers: the flood is several times as much as they hold, what comes before and after it less than one ring.
    const environment = {
      EUNOMIA_KAFKA_BUFFER_BYTES: String(1 << 20),
      EUNOMIA_COLLECTOR_SECURITY_RING_BYTES: String(1 << 20),
      EUNOMIA_COLLECTOR_BULK_RING_BYTES: String(1 << 20),
      EUNOMIA_COLLECTOR_SPOOL_MAX_BYTES: '0',
    }
    system = new TestSystem({ kafka: kafka.config, redisUrl: 'redis://127.0.0.1:1', rules: LOAD_RULES, environment })
  })
  after(async () => {
    await system.close()
    await kafka.service.stop()
    workloads.close()
  })

  it('misses exactly what the ledger counts as dropped, per topic and CPU', async () => {
    const collector = await system.collect('--docker-socket', docker().socketPath)
    const run = async (name: string, size: typeof BEFORE): Promise<string> => {
      const id = await startLoad(docker(), workloads, name, size)
      assert.equal(await docker().docker('wait', name), '0')
      return id
    }
    const before = await run('before-flood', BEFORE)
    await kafka.service.kill9()
    const flood = await run('flood', FLOOD)
    await kafka.restart()
    const backUs = Date.now() * 1000
    const heartbeats = await FollowedTopic.open(kafka.config, 'host')
    const isDrained = (): boolean => heartbeats.records.some(({ origin, ledger }) => origin.wallTimeUs > backUs && isSmall(ledger))
    await waitFor('a heartbeat from after the outage that says that the rings are emptied', isDrained)
    const after = await run('after-flood', AFTER)
    await heartbeats.close()
    assert.equal(await collector.end('SIGTERM'), 0, collector.stderr)

    const records = await system.records()
    const last = records.host.at(-1)
    assert.ok(last?.isLast === true, 'the last heartbeat says that it is the last')
    const accounts = sequenceAccounts(records, last)
    for (const account of accounts) {
      const { published, missing, repeated, given, ledger } = account
      assert.deepEqual(
        { published, missing, repeated, ledgerPublished: ledger.published, inFlight: ledger.inFlight },
        { published: given - ledger.dropped, missing: ledger.dropped, repeated: 0, ledgerPublished: published, inFlight: 0 },
        JSON.stringify(account),
      )
    }
    const lostOf = (topic: string): number => accounts.reduce((sum, account) => sum + (account.topic === topic ? account.missing : 0), 0)
    const counts = { flood: seenOf(records, flood), truth: truthOf(FLOOD) }
    assert.ok(lostOf('file') > 0, 'the flood was too small to lose anything')
    assert.ok(counts.truth.opens.length - counts.flood.opens.length <= lostOf('file'), 'opens are lost without a count')
    // Execs beyond the share of their cgroup are refused or have no arguments, and are counted as such.
    const { 'suppressed.budget.exec': refused = 0, 'texts.shortened': shortened = 0 } = last.counters
    const lostExecs = counts.truth.execs.length - counts.flood.execs.length
    assert.ok(lostExecs <= lostOf('process') + refused + shortened, 'execs are lost without a count')
    assert.deepEqual(seenOf(records, before), truthOf(BEFORE))
    assert.deepEqual(seenOf(records, after), truthOf(AFTER))
  })
})
