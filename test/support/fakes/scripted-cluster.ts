// A cluster that answers what a test wants: for answers, and their absence, that a real one gives only after faults. By default every request
// succeeds, and offsets that a commit names are the group's afterwards.
import type { GroupOffset } from '../../../infra/kafka/group/offset-requests.js'
import { partitionKey } from '../../../infra/kafka/partitions.js'
import type { CoordinatorKind, FrameApi, KafkaTransport, ProducerIdentity, TransportConnection } from '../../../infra/kafka/transport.js'
import { WireReader, WireWriter } from '../../../infra/kafka/wire.js'
import { pause } from '../../../infra/waiting/clock.js'

/** A request as the cluster got it. */
export interface ScriptedRequest {
  readonly api: string
  /** Of a transaction; the empty text for others. */
  readonly transactionalId: string
  /** Of a commit of offsets: -2 for other requests. */
  readonly generation: number
  readonly offsets: readonly GroupOffset[]
  readonly isCommit: boolean
  /** Of a write; -1 for other requests. */
  readonly partition: number
  /** Purpose of its connection. */
  readonly on: string
}

/** An error code; `cut` loses the request, `lost` its answer; `silent` answers nothing for as long as the caller waits. */
export type ScriptedAnswer = number | 'cut' | 'lost' | 'silent'

export class ScriptedCluster implements KafkaTransport {
  readonly requests: ScriptedRequest[] = []
  /** Decides about a request; 0 for all by default. */
  answer: (request: ScriptedRequest) => ScriptedAnswer | Promise<ScriptedAnswer> = () => 0
  /** The payload of an answer that needs more than an error code, by the name of its API. */
  readonly payloads = new Map<string, (errorCode: number, frame: Buffer) => Buffer>()
  /** Finds topics: all of them by default. */
  connect: (topics: readonly string[]) => Promise<void> = () => Promise.resolve()
  /** Offsets of the group by `partitionKey`. */
  readonly offsets = new Map<string, number>()
  /** Metadata with these offsets. */
  readonly metadata = new Map<string, string>()
  readonly #open = new Map<string, GroupOffset[]>()
  readonly #connections = new Map<string, TransportConnection>()
  refreshes = 0
  /** Of each topic. */
  partitions = 6
  #epoch = 0

  /** The requests to these APIs so far. */
  to(...apis: readonly string[]): ScriptedRequest[] {
    return this.requests.filter(({ api }) => apis.includes(api))
  }

  async sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer, _timeoutMs?: number, silenceMs = 30_000): Promise<Buffer> {
    if (!connection.isConnected()) throw new Error('not connected')
    const on = [...this.#connections].find(([, own]) => own === connection)?.[0] ?? ''
    const request = { ...parse(api, frame), on }
    this.requests.push(request)
    const answer = await this.answer(request)
    if (answer === 'silent') await pause(silenceMs)
    if (answer === 'cut' || answer === 'silent') throw new Error('the connection broke')
    if (answer === 0 || answer === 'lost') this.#apply(request)
    if (answer === 'lost') throw new Error('the answer was lost')
    return this.payloads.get(api.apiName)?.(answer, frame) ?? this.#payload(request, answer)
  }

  #connection(purpose: string): Promise<TransportConnection> {
    const known = this.#connections.get(purpose)
    const connection: TransportConnection = known ?? { isConnected: () => this.#connections.get(purpose) === connection }
    this.#connections.set(purpose, connection)
    return Promise.resolve(connection)
  }

  #apply({ api, isCommit, offsets, transactionalId }: ScriptedRequest): void {
    if (api === 'InitProducerId') this.#open.delete(transactionalId)
    if (api === 'TxnOffsetCommit') this.#open.set(transactionalId, [...offsets])
    const done = api === 'OffsetCommit' ? offsets : api === 'EndTxn' && isCommit ? (this.#open.get(transactionalId) ?? []) : []
    for (const { metadata, offset, partition, topic } of done) {
      this.offsets.set(partitionKey(topic, partition), offset)
      this.metadata.set(partitionKey(topic, partition), metadata ?? '')
    }
    if (api === 'EndTxn') this.#open.delete(transactionalId)
  }

  #payload({ api }: ScriptedRequest, errorCode: number): Buffer {
    const [classic, flexible] = [new WireWriter(), new WireWriter(true)]
    const failed = errorCode === 0 ? [] : [errorCode]
    switch (api) {
      case 'InitProducerId':
        return classic.int32(0).int16(errorCode).int64(7).int16(++this.#epoch).take()
      case 'AddPartitionsToTxn':
      case 'OffsetCommit':
        return classic
          .int32(0)
          .array(failed, (code) => classic.text('t').array([code], () => classic.int32(0).int16(code)))
          .take()
      case 'TxnOffsetCommit':
        flexible.end().int32(0)
        flexible.array(failed, (code) =>
          flexible
            .text('t')
            .array([code], () => flexible.int32(0).int16(code).end())
            .end(),
        )
        return flexible.end().take()
      case 'OffsetFetch':
        flexible.end().int32(0)
        flexible.array([...this.offsets], ([key, offset]) =>
          flexible
            .text(key.slice(0, key.lastIndexOf('/')))
            .array([Number(key.slice(key.lastIndexOf('/') + 1))], (partition) =>
              flexible
                .int32(partition)
                .int64(offset)
                .int32(-1)
                .text(this.metadata.get(key) ?? null)
                .int16(0)
                .end(),
            )
            .end(),
        )
        return flexible.int16(errorCode).end().take()
      case 'Produce':
        return classic.int32(1).text('').int32(1).int32(0).int16(errorCode).int64(0).int64(-1).int64(0).int32(0).take()
      default:
        return classic.int32(0).int16(errorCode).take()
    }
  }

  nodeIds(): readonly number[] {
    return [1]
  }
  recycle(): void {
    // Its answers are recreated.
  }

  fetchConnection(nodeId: number): Promise<TransportConnection> {
    return this.#connection(`fetch/${String(nodeId)}`)
  }
  coordinatorConnection(kind: CoordinatorKind, id: string): Promise<TransportConnection> {
    return this.#connection(`${kind}/${id}`)
  }
  forgetCoordinator(): void {
    // It is always the same.
  }
  partitionCount(): number {
    return this.partitions
  }
  leaderOf(): number {
    return 1
  }
  leaderConnection(_topic: string, _partition: number, isApart = false): Promise<TransportConnection> {
    return this.#connection(isApart ? 'apart' : 'leader')
  }
  throttle(): void {
    // It asks for no pause.
  }
  drop(connection: TransportConnection): void {
    for (const [purpose, own] of this.#connections) if (own === connection) this.#connections.delete(purpose)
  }
  refresh(): Promise<void> {
    this.refreshes++
    return Promise.resolve()
  }
  initProducer(): Promise<ProducerIdentity> {
    return Promise.resolve({ id: 1n, epoch: 0 })
  }
  disconnect(): Promise<void> {
    return Promise.resolve()
  }
}

const FLEXIBLE = ['TxnOffsetCommit', 'OffsetFetch']

function parse({ apiName: api }: FrameApi, frame: Buffer): Omit<ScriptedRequest, 'on'> {
  const isFlexible = FLEXIBLE.includes(api)
  const reader = new WireReader(frame.subarray(14 + frame.readInt16BE(12)), isFlexible)
  reader.end()
  const isTransaction = ['InitProducerId', 'AddPartitionsToTxn', 'AddOffsetsToTxn', 'EndTxn', 'TxnOffsetCommit', 'Produce'].includes(api)
  const transactionalId = isTransaction ? reader.text() : ''
  const request = { api, transactionalId, generation: -2, offsets: [], isCommit: false, partition: -1 }
  if (api === 'Produce') {
    reader.skip(2 + 4 + 4).text()
    return { ...request, partition: reader.skip(4).int32() }
  }
  if (api === 'EndTxn') return { ...request, isCommit: reader.skip(10).bytesLeft[0] === 1 }
  if (api !== 'TxnOffsetCommit' && api !== 'OffsetCommit') return request
  reader.text()
  const generation = (api === 'TxnOffsetCommit' ? reader.skip(10) : reader).int32()
  reader.text()
  reader.text()
  const offsets = reader.array(() => {
    const topic = reader.text()
    const [placed] = reader.array(() => {
      const [partition, offset] = [reader.int32(), Number(reader.int64())]
      const metadata = reader.skip(4).text()
      reader.end()
      return { topic, partition, offset, ...(metadata !== '' && { metadata }) }
    })
    reader.end()
    return placed as GroupOffset
  })
  return { ...request, generation, offsets }
}
