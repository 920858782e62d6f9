// The requests of a group member (classic protocol) and their answers: join, sync, heartbeat, leave.
// See https://kafka.apache.org/protocol#protocol_api_keys
import { requestFrame, WireReader, type WireApi } from '../wire.js'

export const JOIN_GROUP: WireApi = { apiKey: 11, apiName: 'JoinGroup', apiVersion: 5, isFlexible: false }
export const HEARTBEAT: WireApi = { apiKey: 12, apiName: 'Heartbeat', apiVersion: 3, isFlexible: false }
export const LEAVE_GROUP: WireApi = { apiKey: 13, apiName: 'LeaveGroup', apiVersion: 3, isFlexible: false }
export const SYNC_GROUP: WireApi = { apiKey: 14, apiName: 'SyncGroup', apiVersion: 3, isFlexible: false }

/** A member at one generation of its group; commits carry it. */
export interface MemberIdentity {
  readonly generation: number
  readonly memberId: string
  /** `group.instance.id` of a static member; null for a dynamic one. */
  readonly instanceId: string | null
}

/** Settings of a member. */
export interface MemberSettings {
  readonly clientId: string
  /** Name of the group in Kafka. */
  readonly group: string
  readonly instanceId: string | null
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
}

const PROTOCOL_TYPE = 'consumer'

export function joinRequest(settings: MemberSettings, memberId: string, protocol: string, subscription: Buffer): Buffer {
  return requestFrame(JOIN_GROUP, settings.clientId, (body) =>
    body
      .text(settings.group)
      .int32(settings.sessionTimeoutMs)
      .int32(settings.rebalanceTimeoutMs)
      .text(memberId)
      .text(settings.instanceId)
      .text(PROTOCOL_TYPE)
      .array([protocol], (name) => body.text(name).bytes(subscription)),
  )
}

/** A member as its leader sees it. */
export interface JoinedMember {
  readonly memberId: string
  readonly subscription: Buffer
}

/** The answer to a join. */
export interface JoinAnswer {
  readonly errorCode: number
  readonly generation: number
  readonly leader: string
  readonly memberId: string
  /** Only for the leader. */
  readonly members: readonly JoinedMember[]
}

export function parseJoin(payload: Buffer): JoinAnswer {
  const reader = WireReader.answer(JOIN_GROUP, payload).skip(4)
  const [errorCode, generation] = [reader.int16(), reader.int32()]
  reader.text()
  const [leader, memberId] = [reader.text(), reader.text()]
  const members = reader.array(() => {
    const member = reader.text()
    reader.text()
    return { memberId: member, subscription: reader.bytes() }
  })
  return { errorCode, generation, leader, memberId, members }
}

/** @param assignments of all members, from the leader; empty from the others */
export function syncRequest({ clientId, group }: MemberSettings, member: MemberIdentity, assignments: ReadonlyMap<string, Buffer>): Buffer {
  return requestFrame(SYNC_GROUP, clientId, (body) =>
    body
      .text(group)
      .int32(member.generation)
      .text(member.memberId)
      .text(member.instanceId)
      .array([...assignments], ([memberId, assignment]) => body.text(memberId).bytes(assignment)),
  )
}

export function parseSync(payload: Buffer): { readonly errorCode: number; readonly assignment: Buffer } {
  const reader = WireReader.answer(SYNC_GROUP, payload).skip(4)
  const errorCode = reader.int16()
  return { errorCode, assignment: reader.bytes() }
}

export function heartbeatRequest({ clientId, group }: MemberSettings, member: MemberIdentity): Buffer {
  return requestFrame(HEARTBEAT, clientId, (body) =>
    body.text(group).int32(member.generation).text(member.memberId).text(member.instanceId),
  )
}

/** @param member a static one needs no member id: whoever knows its instance id may remove it */
export function leaveRequest(
  { clientId, group }: Pick<MemberSettings, 'clientId' | 'group'>,
  { memberId, instanceId }: Omit<MemberIdentity, 'generation'>,
): Buffer {
  return requestFrame(LEAVE_GROUP, clientId, (body) => body.text(group).array([memberId], (id) => body.text(id).text(instanceId)))
}

/** The error of the group, or of the member that leaves. */
export function parseLeave(payload: Buffer): number {
  const reader = WireReader.answer(LEAVE_GROUP, payload).skip(4)
  const errorCode = reader.int16()
  if (errorCode !== 0 || reader.isAtEnd) return errorCode
  const codes = reader.array(() => {
    reader.text()
    reader.text()
    return reader.int16()
  })
  return codes.find((code) => code !== 0) ?? 0
}

export function parseHeartbeat(payload: Buffer): number {
  return WireReader.answer(HEARTBEAT, payload).skip(4).int16()
}
