// The requests for the offsets of a group: fetch, commit, commit in a transaction (KIP-447: with the member's generation).
// See https://kafka.apache.org/protocol#protocol_api_keys
import { requestFrame, WireReader, type WireApi, type WireWriter } from '../wire.js'
import { UNSTABLE_OFFSET_COMMIT } from './coordinator.js'
import type { MemberIdentity } from './member-requests.js'
import type { Partitions } from './subscription.js'
import type { TransactionIdentity } from './transaction-requests.js'

export const OFFSET_COMMIT: WireApi = { apiKey: 8, apiName: 'OffsetCommit', apiVersion: 7, isFlexible: false }
export const OFFSET_FETCH: WireApi = { apiKey: 9, apiName: 'OffsetFetch', apiVersion: 7, isFlexible: true }
export const TXN_OFFSET_COMMIT: WireApi = { apiKey: 28, apiName: 'TxnOffsetCommit', apiVersion: 3, isFlexible: true }

/** An offset of a group. */
export interface GroupOffset {
  readonly topic: string
  readonly partition: number
  /** Of the next record. */
  readonly offset: number
  /** Stored with it. Default: none. */
  readonly metadata?: string
}

/** The offsets of these partitions, but none that an open transaction may still change. */
export function offsetFetchRequest(clientId: string, group: string, partitions: Partitions): Buffer {
  return requestFrame(OFFSET_FETCH, clientId, (body) =>
    body
      .text(group)
      .array([...partitions], ([topic, numbers]) =>
        body
          .text(topic)
          .array(numbers, (number) => body.int32(number))
          .end(),
      )
      .bool(true),
  )
}

/** Offset of a group: -1 for none; `pending` while an open transaction holds a newer one. */
export type StableOffset = number | 'pending'

/** The offset of a partition, or why there is none. */
export interface FetchedOffset {
  readonly topic: string
  readonly partition: number
  /** 0 also for a pending offset. */
  readonly errorCode: number
  readonly offset: StableOffset
  readonly metadata: string
}

/** @returns errorCode of the group, or 0 and the offsets. @throws RangeError if it is truncated */
export function parseOffsetFetch(payload: Buffer): { readonly errorCode: number; readonly offsets: readonly FetchedOffset[] } {
  const reader = WireReader.answer(OFFSET_FETCH, payload).skip(4)
  const offsets: FetchedOffset[] = []
  reader.array(() => {
    const topic = reader.text()
    reader.array(() => {
      const partition = reader.int32()
      const offset = Number(reader.int64())
      const metadata = reader.skip(4).text()
      const errorCode = reader.int16()
      reader.end()
      const isPending = errorCode === UNSTABLE_OFFSET_COMMIT
      offsets.push({ topic, partition, errorCode: isPending ? 0 : errorCode, offset: isPending ? 'pending' : offset, metadata })
    })
    reader.end()
  })
  return { errorCode: reader.int16(), offsets }
}

export function offsetCommitRequest(clientId: string, group: string, member: MemberIdentity, offsets: readonly GroupOffset[]): Buffer {
  return requestFrame(OFFSET_COMMIT, clientId, (body) => {
    body.text(group).int32(member.generation).text(member.memberId).text(member.instanceId)
    writeOffsets(body, offsets)
  })
}

export function txnOffsetCommitRequest(
  clientId: string,
  group: string,
  transaction: TransactionIdentity,
  member: MemberIdentity,
  offsets: readonly GroupOffset[],
): Buffer {
  return requestFrame(TXN_OFFSET_COMMIT, clientId, (body) => {
    body.text(transaction.transactionalId).text(group).int64(transaction.id).int16(transaction.epoch)
    body.int32(member.generation).text(member.memberId).text(member.instanceId)
    writeOffsets(body, offsets)
  })
}

/** The first error of the answer to a commit; 0 for none. */
export function parseCommit(api: WireApi, payload: Buffer): number {
  const reader = WireReader.answer(api, payload).skip(4)
  const errors = reader.array(() => {
    reader.text()
    const codes = reader.array(() => {
      const errorCode = reader.skip(4).int16()
      reader.end()
      return errorCode
    })
    reader.end()
    return codes.find((code) => code !== 0) ?? 0
  })
  return errors.find((code) => code !== 0) ?? 0
}

function writeOffsets(body: WireWriter, offsets: readonly GroupOffset[]): void {
  body.array(offsets, ({ topic, partition, offset, metadata }) =>
    body
      .text(topic)
      .array([partition], () =>
        body
          .int32(partition)
          .int64(offset)
          .int32(-1)
          .text(metadata ?? null)
          .end(),
      )
      .end(),
  )
}
