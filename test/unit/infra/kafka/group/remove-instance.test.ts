// The removal of a static member, from a coordinator that a test plays.
import assert from 'node:assert/strict'
import { removeInstance } from '../../../../../infra/kafka/group/remove-instance.js'
import { WireWriter } from '../../../../../infra/kafka/wire.js'
import { SILENT_LOGGER } from '../../../../../infra/process/logger.js'
import { ScriptedCluster } from '../../../../support/fakes/scripted-cluster.js'

const NOT_COORDINATOR = 16
const UNKNOWN_MEMBER_ID = 25
const GROUP_AUTHORIZATION_FAILED = 30
const TRANSACTIONAL_ID_AUTHORIZATION_FAILED = 53

describe('infra/kafka/group/remove-instance', () => {
  let cluster: ScriptedCluster
  let frames: string[]
  /** Error code of the member in the next answers. */
  let memberCode = 0
  beforeEach(() => {
    cluster = new ScriptedCluster()
    frames = []
    memberCode = 0
    cluster.payloads.set('LeaveGroup', (errorCode, frame) => {
      frames.push(frame.toString('latin1'))
      const writer = new WireWriter().int32(0).int16(errorCode)
      return writer.array(['a'], (instance) => writer.text('').text(instance).int16(memberCode)).take()
    })
  })
  const remove = (): Promise<boolean> =>
    removeInstance({ brokers: ['127.0.0.1:1'], topicPrefix: 'p.' }, { group: 'g', instanceId: 'a' }, cluster, SILENT_LOGGER)

  it('ends what the instance left open, then removes it by its name', async () => {
    assert.equal(await remove(), true)
    assert.deepEqual(
      cluster.requests.map(({ api, transactionalId }) => `${api} ${transactionalId}`),
      ['InitProducerId p.g/a', 'InitProducerId p.g/a/apart', 'LeaveGroup '],
    )
    assert.ok(frames[0]?.includes('p.g') && frames[0].endsWith('\u0000\u0000\u0000\u0001a'), frames[0])
  })

  it('reports an instance that the group does not have', async () => {
    memberCode = UNKNOWN_MEMBER_ID
    assert.equal(await remove(), false)
  })

  it('asks a coordinator that has moved again, and goes on when transactions are denied', async () => {
    cluster.answer = ({ api }) => {
      if (api === 'InitProducerId') return TRANSACTIONAL_ID_AUTHORIZATION_FAILED
      return api === 'LeaveGroup' && cluster.to(api).length < 3 ? NOT_COORDINATOR : 0
    }
    assert.equal(await remove(), true)
    assert.equal(cluster.to('LeaveGroup').length, 3)
  })

  it('fails with the reason when the group is denied', async () => {
    cluster.answer = ({ api }) => (api === 'LeaveGroup' ? GROUP_AUTHORIZATION_FAILED : 0)
    await assert.rejects(remove(), { code: 'EUNOMIA_KAFKA_REFUSED' })
  })
})
