// The broker of the whole system dies again and again: every exec and open of a known load is in its topic, the ledger balances, and each alert
// exists once.
import assert from 'node:assert/strict'
import { alertedOf, expectedAlerts, LOAD_RULES, seenOf, startOpenLoad } from '../../support/system/container-load.js'
import { useDocker } from '../../support/services/docker.js'
import { inFlightOf, sequenceAccounts } from '../../support/system/event-ledger.js'
import { dose } from '../../support/runner/dose.js'
import { startOwnKafka, type OwnKafka } from '../../support/services/own-kafka.js'
import { sharedRedis } from '../../support/services/services.js'
import { TestSystem } from '../../support/system/test-system.js'
import { Workloads } from '../../e2e/native/workload.js'

const KILLS = dose(2, 6)
const SIZE = { opens: 3, pauseUs: 8000 }

describe('the system while its broker is killed', () => {
  const docker = useDocker()
  const workloads = new Workloads()
  let kafka: OwnKafka
  let system: TestSystem

  before(async () => {
    kafka = await startOwnKafka(2)
    system = new TestSystem({ kafka: kafka.config, redisUrl: (await sharedRedis()).address, rules: LOAD_RULES })
  })
  after(async () => {
    await system.close()
    await kafka.service.stop()
    workloads.close()
  })

  it('publishes each event of a load once, balances its ledger, and emits each alert once', async () => {
    const collector = await system.collect('--docker-socket', docker().socketPath, '--set', 'collector.heartbeatMs=500')
    const functions = await system.functions()
    const alerts = system.start('alerts', '--since', '1h', '--format', 'json')
    const load = await startOpenLoad(docker(), workloads, 'broker-load', SIZE)
    for (let kill = 0; kill < KILLS; kill++) {
      const before = alerts.records().length
      await alerts.until('alerts of the load', () => alerts.records().length > before + 10)
      await kafka.service.kill9()
      await kafka.restart()
    }
    const truth = await load.end()
    const expected = expectedAlerts(truth, 'broker-load')
    await alerts.until('all alerts', () => alerts.records().length >= expected.length)
    assert.equal(await collector.end('SIGTERM'), 0, collector.stderr)
    assert.equal(await functions.end('SIGTERM'), 0, functions.stderr)

    const records = await system.records()
    // Of the load nothing was dropped; other programs of this host may flood their share of the rings.
    assert.deepEqual(seenOf(records, load.containerId), truth)
    const ids = records.alerts.map(({ alertId }) => alertId)
    const doubled = ids.filter((id, index) => ids.indexOf(id) !== index)
    assert.deepEqual(doubled, [], `alerts are there twice: ${doubled.join(', ')}; the functions said:\n${functions.stderr}`)
    assert.deepEqual(alertedOf(records, load.containerId), expected)
    assert.deepEqual(records.deadletter, [])

    const last = records.host.at(-1)
    assert.ok(last?.isLast === true, 'the last heartbeat says that it is the last')
    for (const account of sequenceAccounts(records, last)) {
      const { published, missing, repeated, given, ledger } = account
      // What other programs flooded may still have been in flight at the end; each event is published, dropped or in flight.
      assert.equal(ledger.published + ledger.dropped + ledger.inFlight, given, JSON.stringify(account))
      assert.deepEqual({ repeated, given }, { repeated: 0, given: published + missing }, JSON.stringify(account))
      assert.ok(published >= ledger.published && published <= ledger.published + ledger.inFlight, JSON.stringify(account))
    }
    for (const heartbeat of records.host) for (const entry of heartbeat.ledger) assert.ok(inFlightOf(entry) >= 0, JSON.stringify(entry))
  })
})
