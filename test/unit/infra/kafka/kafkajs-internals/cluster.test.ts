// A cluster whose one broker states leaders that a real one states only after faults.
import assert from 'node:assert/strict'
import { KafkaCluster } from '../../../../../infra/kafka/kafkajs-internals/cluster.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedMetadataBroker } from '../../../../support/fakes/scripted-metadata-broker.js'

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
})
