// A member of a group from its start to its end, over a cluster that answers what a test wants.
import assert from 'node:assert/strict'
import { GroupConsumer } from '../../../../../infra/kafka/group/group-consumer.js'
import type { KafkaConfig } from '../../../../../infra/kafka/kafka-config.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import type { AssignedPartition, ConsumeOptions, DeferredCommits } from '../../../../../infra/topic-log/topic-log.js'
import { pause } from '../../../../../infra/waiting/clock.js'
import { deferred } from '../../../../../infra/waiting/waiters.js'
import { ScriptedCluster } from '../../../../support/fakes/scripted-cluster.js'
import { playGroup } from '../../../../support/fakes/scripted-group.js'
import { waitFor, waitForCount } from '../../../../support/wait-for.js'

const UNKNOWN_TOPIC_OR_PARTITION = 3
const UNKNOWN_MEMBER_ID = 25

describe('infra/kafka/group/group-consumer', () => {
  let cluster: ScriptedCluster
  beforeEach(() => {
    cluster = new ScriptedCluster()
    playGroup(cluster)
    for (let partition = 0; partition < 6; partition++) cluster.offsets.set(`eunomia.process.v1/${String(partition)}`, 5)
  })

  const consumerOf = (more: Partial<ConsumeOptions> = {}, config: Partial<KafkaConfig> = {}): GroupConsumer => {
    const handler: ConsumeOptions['handler'] = () => assert.fail('no records')
    const options: ConsumeOptions = { group: 'g', topics: ['process'], from: 'earliest', handler, ...more }
    return new GroupConsumer({ brokers: ['127.0.0.1:1'], ...config }, options, cluster, SILENT_LOGGER)
  }

  it('ends at its start with the reason when the topic of an output is missing', async () => {
    cluster.connect = async (topics) => {
      if (!topics.includes('eunomia.deadletter.v1')) return
      throw Object.assign(new Error('no such topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' })
    }
    const { done } = consumerOf({ outputs: ['alerts', 'deadletter'] })
    await assert.rejects(done, { code: 'EUNOMIA_KAFKA_TOPIC', message: /eunomia\.deadletter\.v1.*topics create/ })
  })

  it('outlives a broker that does not know a topic for a moment', async () => {
    cluster.answer = ({ api }) => (api === 'OffsetFetch' && cluster.to(api).length < 3 ? UNKNOWN_TOPIC_OR_PARTITION : 0)
    const consumer = consumerOf()
    await waitFor('the offsets', () => cluster.to('OffsetFetch').length >= 3)
    await consumer.stop('test')
    await consumer.done
  })

  it('of an instance ends what the process before it left open, and stays in the group when it stops', async () => {
    const consumer = consumerOf({ outputs: ['alerts'] }, { instanceId: 'a', topicPrefix: 'p.' })
    await waitForCount('both ids', () => cluster.to('InitProducerId').length, 2)
    assert.deepEqual(
      cluster.to('InitProducerId').map(({ transactionalId }) => transactionalId),
      ['p.g/a', 'p.g/a/apart'],
    )
    await waitFor('the offsets', () => cluster.to('OffsetFetch').length > 0)
    await consumer.stop('test')
    assert.equal(cluster.to('LeaveGroup').length, 0)
  })

  it('of an instance reads no offsets before it has taken its ids over', async () => {
    const gate = deferred()
    cluster.answer = async ({ api, transactionalId }) => {
      if (api === 'InitProducerId' && transactionalId.endsWith('/apart')) await gate.promise
      return 0
    }
    const consumer = consumerOf({ outputs: ['alerts'] }, { instanceId: 'a' })
    await waitFor('a heartbeat', () => cluster.to('Heartbeat').length > 0)
    assert.equal(cluster.to('OffsetFetch').length, 0)
    gate.resolve()
    await waitFor('the offsets', () => cluster.to('OffsetFetch').length > 0)
    await consumer.stop('test')
  })

  it('without an instance id takes no id over before it has outputs, and leaves the group when it stops', async () => {
    const consumer = consumerOf({ outputs: ['alerts'] })
    await waitFor('the offsets', () => cluster.to('OffsetFetch').length > 0)
    await consumer.stop('test')
    assert.deepEqual([cluster.to('InitProducerId').length, cluster.to('LeaveGroup').length], [0, 1])
  })

  it('tells the owner of deferred commits that the group has forgotten the member, and commits nothing for it', async () => {
    for (let partition = 0; partition < 6; partition++) cluster.metadata.set(`eunomia.process.v1/${String(partition)}`, 'mine')
    const [assigned, lost]: [AssignedPartition[], AssignedPartition[]] = [[], []]
    const commits: DeferredCommits = {
      assigned: (partition) => void assigned.push(partition),
      ended: (partition, isLost) => void (isLost && lost.push(partition)),
      metadata: (partition) => (assigned.indexOf(partition) < 6 ? 'of the first' : 'of the second'),
    }
    const consumer = consumerOf({ deferred: commits })
    await waitForCount('the partitions', () => assigned.length, 6)
    assert.deepEqual(
      assigned.map(({ metadata, nextOffset }) => [metadata, nextOffset]),
      Array(6).fill(['mine', 5]),
    )
    let isForgotten = true
    cluster.answer = ({ api }) => {
      if (api !== 'Heartbeat' || !isForgotten) return 0
      isForgotten = false
      return UNKNOWN_MEMBER_ID
    }
    await waitForCount('the end of all', () => lost.length, 6)
    for (const partition of lost) partition.touch()
    await waitForCount('them again', () => assigned.length, 12)
    assigned[6]?.touch()
    await waitFor('its commit, and what else waits', () => cluster.to('OffsetCommit').length > 0)
    await consumer.stop('test')
    const committed = cluster.to('OffsetCommit').flatMap(({ offsets }) => offsets.map(({ metadata }) => metadata))
    assert.deepEqual(new Set(committed), new Set(['of the second']))
  })

  it('sends no heartbeat while it leaves, whose answer would make it join again', async () => {
    let before = -1
    cluster.answer = async ({ api }) => {
      if (api === 'LeaveGroup') {
        before = cluster.to('Heartbeat').length
        await pause(1_500)
      }
      return 0
    }
    const consumer = consumerOf()
    await waitFor('the offsets', () => cluster.to('OffsetFetch').length > 0)
    await consumer.stop('test')
    assert.equal(cluster.to('Heartbeat').length, before)
  })
})
