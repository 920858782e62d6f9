// The requests of a transaction to its coordinator, and the list of the transactional ids that a broker coordinates.
// See https://kafka.apache.org/protocol#protocol_api_keys
import { partitionKey } from '../partitions.js'
import type { ProducerIdentity } from '../transport.js'
import { requestFrame, WireReader, type WireApi } from '../wire.js'
import type { Partitions } from './subscription.js'

export const INIT_PRODUCER_ID: WireApi = { apiKey: 22, apiName: 'InitProducerId', apiVersion: 1, isFlexible: false }
export const ADD_PARTITIONS_TO_TXN: WireApi = { apiKey: 24, apiName: 'AddPartitionsToTxn', apiVersion: 1, isFlexible: false }
export const ADD_OFFSETS_TO_TXN: WireApi = { apiKey: 25, apiName: 'AddOffsetsToTxn', apiVersion: 1, isFlexible: false }
export const END_TXN: WireApi = { apiKey: 26, apiName: 'EndTxn', apiVersion: 1, isFlexible: false }
export const LIST_TRANSACTIONS: WireApi = { apiKey: 66, apiName: 'ListTransactions', apiVersion: 0, isFlexible: true }

/** The producer of a transaction. */
export interface TransactionIdentity extends ProducerIdentity {
  readonly transactionalId: string
}

export function initProducerRequest(clientId: string, transactionalId: string, timeoutMs: number): Buffer {
  return requestFrame(INIT_PRODUCER_ID, clientId, (body) => body.text(transactionalId).int32(timeoutMs))
}

export function parseInitProducer(payload: Buffer): { readonly errorCode: number; readonly id: bigint; readonly epoch: number } {
  const reader = WireReader.answer(INIT_PRODUCER_ID, payload).skip(4)
  return { errorCode: reader.int16(), id: reader.int64(), epoch: reader.int16() }
}

export function addPartitionsRequest(
  clientId: string,
  { transactionalId, id, epoch }: TransactionIdentity,
  partitions: Partitions,
): Buffer {
  return requestFrame(ADD_PARTITIONS_TO_TXN, clientId, (body) =>
    body
      .text(transactionalId)
      .int64(id)
      .int16(epoch)
      .array([...partitions], ([topic, numbers]) => body.text(topic).array(numbers, (number) => body.int32(number))),
  )
}

/** The answers for each partition, by `partitionKey`. */
export function parseAddedPartitions(payload: Buffer): { readonly place: string; readonly errorCode: number }[] {
  const reader = WireReader.answer(ADD_PARTITIONS_TO_TXN, payload).skip(4)
  const answers = reader.array(() => {
    const topic = reader.text()
    return reader.array(() => ({ place: partitionKey(topic, reader.int32()), errorCode: reader.int16() }))
  })
  return answers.flat()
}

/** The first error of a partition; 0 for none. */
export function parseAddPartitions(payload: Buffer): number {
  // OPERATION_NOT_ATTEMPTED (55): another partition has the reason.
  const codes = parseAddedPartitions(payload)
    .map(({ errorCode }) => errorCode)
    .filter((code) => code !== 0)
  return codes.find((code) => code !== 55) ?? codes[0] ?? 0
}

export function addOffsetsRequest(clientId: string, { transactionalId, id, epoch }: TransactionIdentity, group: string): Buffer {
  return requestFrame(ADD_OFFSETS_TO_TXN, clientId, (body) => body.text(transactionalId).int64(id).int16(epoch).text(group))
}

export function endRequest(clientId: string, { transactionalId, id, epoch }: TransactionIdentity, isCommit: boolean): Buffer {
  return requestFrame(END_TXN, clientId, (body) => body.text(transactionalId).int64(id).int16(epoch).bool(isCommit))
}

/** The error code of AddOffsetsToTxn or EndTxn. */
export function parseTransactionError(api: WireApi, payload: Buffer): number {
  return WireReader.answer(api, payload).skip(4).int16()
}

/** Lists all transactional ids that the broker coordinates and the user may describe. */
export function listTransactionsRequest(clientId: string): Buffer {
  const none: readonly never[] = []
  return requestFrame(LIST_TRANSACTIONS, clientId, (body) => body.array(none, () => undefined).array(none, () => undefined))
}

/** A transactional id and its state: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort. */
export interface ListedTransaction {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly state: string
}

export function parseListTransactions(payload: Buffer): {
  readonly errorCode: number
  readonly transactions: readonly ListedTransaction[]
} {
  const reader = WireReader.answer(LIST_TRANSACTIONS, payload).skip(4)
  const errorCode = reader.int16()
  reader.array(() => reader.text())
  const transactions = reader.array(() => {
    const transactionalId = reader.text()
    const [producerId, state] = [reader.int64(), reader.text()]
    reader.end()
    return { transactionalId, producerId, state }
  })
  return { errorCode, transactions }
}
