// Which transactional ids of a group are taken over, because of what the brokers say of their producers.
import assert from 'node:assert/strict'
import { abortHanging } from '../../../../../infra/kafka/group/hanging-transactions.js'
import { WireWriter } from '../../../../../infra/kafka/wire.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedCluster } from '../../../../support/fakes/scripted-cluster.js'

const TOPIC_AUTHORIZATION_FAILED = 29

describe('infra/kafka/group/hanging-transactions', () => {
  let cluster: ScriptedCluster
  /** State by transactional id; producers are numbered from 1. */
  let listed: [transactionalId: string, state: string][]
  /** Producers with an open transaction. */
  let open: number[]
  let isDenied: boolean

  beforeEach(() => {
    cluster = new ScriptedCluster()
    listed = [
      ['g/live', 'CompleteCommit'],
      ['g/gone', 'Empty'],
      ['g2/other', 'CompleteCommit'],
    ]
    open = []
    isDenied = false
    cluster.payloads.set('ListTransactions', () => {
      const writer = new WireWriter(true).end().int32(0).int16(0)
      writer.array([], () => undefined)
      return writer
        .array([...listed.entries()], ([index, [transactionalId, state]]) =>
          writer
            .text(transactionalId)
            .int64(index + 1)
            .text(state)
            .end(),
        )
        .end()
        .take()
    })
    cluster.payloads.set('DescribeProducers', () => {
      const writer = new WireWriter(true).end().int32(0)
      const producers = [1, 2, 3]
      writer.array(['alerts'], (topic) => {
        writer.text(topic).array([0], (partition) => {
          writer
            .int32(partition)
            .int16(isDenied ? TOPIC_AUTHORIZATION_FAILED : 0)
            .text(null)
          writer.array(producers, (id) => {
            writer.int64(id).int32(0).int32(5).int64(0).int32(0)
            writer.int64(open.includes(id) ? 44 : -1).end()
          })
          writer.end()
        })
        writer.end()
      })
      return writer.end().take()
    })
  })

  const takenOver = async (): Promise<string[]> => {
    const deps = { transport: cluster, clientId: 'c', group: 'g', outputTopics: ['alerts'], log: SILENT_LOGGER }
    await abortHanging(deps)
    return cluster.to('InitProducerId').map(({ transactionalId }) => transactionalId)
  }

  it('takes over the ids with an open transaction, and none of the other members', async () => {
    open = [2]
    assert.deepEqual(await takenOver(), ['g/gone'])
    assert.deepEqual(
      cluster.to('EndTxn').map(({ isCommit }) => isCommit),
      [false],
    )
  })

  it('takes over all ids of the group when only its offset hangs, or the brokers do not say', async () => {
    for (isDenied of [false, true]) {
      cluster.requests.length = 0
      assert.deepEqual(await takenOver(), ['g/live', 'g/gone'])
    }
  })

  it('waits while a coordinator has a transaction of the group under way', async () => {
    open = [2]
    listed[0] = ['g/live', 'PrepareCommit']
    assert.deepEqual(await takenOver(), [])
  })
})
