// A coordinator of a group with one member, its leader, over a scripted cluster.
import { MEMBER_ID_REQUIRED } from '../../../infra/kafka/group/coordinator.js'
import { decodeSubscription, encodeAssignment, type Partitions } from '../../../infra/kafka/group/subscription.js'
import { WireReader, WireWriter } from '../../../infra/kafka/wire.js'
import type { ScriptedCluster } from './scripted-cluster.js'

/** What a member said when it joined. */
export interface GroupJoin {
  readonly memberId: string
  readonly owned: Partitions
}

/** Answers joins and syncs: each join with an id is a new generation, and the member gets what it assigns. */
export function playGroup(cluster: ScriptedCluster, onJoin: (join: GroupJoin) => void = () => undefined): void {
  let members = 0
  let generation = 0
  cluster.payloads.set('JoinGroup', (errorCode, frame) => {
    const reader = new WireReader(frame.subarray(14 + frame.readInt16BE(12)))
    reader.text()
    const memberId = reader.skip(8).text()
    reader.text()
    reader.text()
    const [subscription = Buffer.alloc(0)] = reader.array(() => {
      reader.text()
      return reader.bytes()
    })
    const isNew = memberId === ''
    const id = isNew ? `m${String(++members)}` : memberId
    if (!isNew) onJoin({ memberId, owned: decodeSubscription(subscription).owned })
    const writer = new WireWriter().int32(0).int16(errorCode !== 0 ? errorCode : isNew ? MEMBER_ID_REQUIRED : 0)
    writer.int32(isNew ? -1 : ++generation).text('eunomia-sticky')
    writer.text(id).text(id)
    return writer.array(isNew ? [] : [id], (member) => writer.text(member).text(null).bytes(subscription)).take()
  })
  cluster.payloads.set('SyncGroup', (errorCode, frame) => {
    const reader = new WireReader(frame.subarray(14 + frame.readInt16BE(12)))
    reader.text()
    reader.skip(4).text()
    reader.text()
    const [assignment = encodeAssignment({ partitions: new Map(), isGiving: false })] = reader.array(() => {
      reader.text()
      return reader.bytes()
    })
    return new WireWriter().int32(0).int16(errorCode).bytes(assignment).take()
  })
}
