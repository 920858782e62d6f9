// A cluster whose one broker states leaders that a real one states only after faults.
import assert from 'node:assert/strict'
import { KafkaCluster } from '../../../../../infra/kafka/kafkajs-internals/cluster.js'
import { requestFrame } from '../../../../../infra/kafka/wire.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedMetadataBroker } from '../../../../support/fakes/scripted-metadata-broker.js'
import { waitFor } from '../../../../support/wait-for.js'

const UNANSWERED = { apiKey: 1, apiName: 'Fetch', apiVersion: 11, isFlexible: false } as const
const LEADER_NOT_AVAILABLE = 5

describe('infra/kafka/kafkajs-internals/cluster', () => {
  let broker: ScriptedMetadataBroker
  let cluster: KafkaCluster
  beforeEach(async () => {
    broker = new ScriptedMetadataBroker()
    cluster = new KafkaCluster({ brokers: [await broker.listen()] }, SILENT_LOGGER)
  })
  afterEach(async () => {
    await cluster.disconnect()
    broker.close()
  })

  it('learns the other leaders while one partition has none, at the start and later', async () => {
    const headless = { leader: -1, errorCode: LEADER_NOT_AVAILABLE }
    broker.topics.set('t', [headless, { leader: 1, errorCode: 0 }, { leader: 2, errorCode: 0 }])
    await cluster.connect(['t'])
    assert.deepEqual([cluster.partitionCount('t'), cluster.leaderOf('t', 0), cluster.leaderOf('t', 1)], [3, -1, 1])
    broker.topics.set('t', [headless, headless, { leader: 1, errorCode: 0 }])
    await cluster.refresh()
    assert.deepEqual([cluster.leaderOf('t', 1), cluster.leaderOf('t', 2)], [-1, 1])
    await assert.rejects(cluster.leaderConnection('t', 0), /has no leader/)
    broker.topics.set('t', [{ leader: 1, errorCode: 0 }])
    await cluster.refresh()
    assert.equal(cluster.leaderOf('t', 0), 1)
  })

  it('ends a request on a connection that is silent', async () => {
    await cluster.connect([])
    const frame = requestFrame(UNANSWERED, 'c', () => undefined)
    await assert.rejects(cluster.sendFrame(await cluster.fetchConnection(1), UNANSWERED, frame, undefined, 50), /timeout/i)
  })

  it('opens no connection after its end, not even one that was on its way', async () => {
    broker.topics.set('t', [{ leader: 1, errorCode: 0 }])
    await cluster.connect(['t'])
    const late = cluster.fetchConnection(1).catch(() => undefined)
    await cluster.disconnect()
    await late
    const { connections } = broker
    const uses = [
      () => cluster.connect(['t']),
      () => cluster.refresh(),
      () => cluster.leaderConnection('t', 0),
      () => cluster.fetchConnection(1),
      () => cluster.coordinatorConnection('group', 'g'),
      () => cluster.initProducer(),
    ]
    for (const use of uses) await assert.rejects(use)
    await waitFor('the end of all connections', () => broker.open === 0)
    assert.equal(broker.connections, connections)
  })

  it('drops the connection to a broker that has moved', async () => {
    await cluster.connect([])
    const before = await cluster.fetchConnection(1)
    const moved = new ScriptedMetadataBroker()
    try {
      broker.address = await moved.listen()
      await cluster.refresh()
      await cluster.fetchConnection(1)
      assert.equal(before.isConnected(), false)
      assert.ok(moved.open > 0)
    } finally {
      moved.close()
    }
  })
})
