// Brokers that answer fetches from logs in memory, by the protocol's specification, with the errors that a test wants.
import assert from 'node:assert/strict'
import type { FetchTransport } from '../../../infra/kafka/fetch/fetch-context.js'
import type { FrameApi, TransportConnection } from '../../../infra/kafka/transport.js'
import { Waiters } from '../../../infra/waiting/waiters.js'
import { pause } from '../../../infra/waiting/clock.js'
import { int16, int32, int64 } from '../records/kafka-batch-bytes.js'

/** The log of a partition. */
export interface ScriptedLog {
  leader: number
  logStart: number
  end: number
  batches: Buffer[]
  aborted: readonly { readonly producerId: bigint; readonly firstOffset: number }[]
  /** Error codes of the next answers. */
  errors: number[]
  /** Changes the bytes of an answer. */
  tamper: (bytes: Buffer) => Buffer
}

/** What was asked for. */
export interface FetchSeen {
  readonly node: number
  readonly waitMs: number
  readonly maxBytes: number
  readonly places: readonly { readonly topic: string; readonly partition: number; readonly offset: number; readonly maxBytes: number }[]
}

interface ScriptedConnection extends TransportConnection {
  readonly node: number
}

/** Brokers by number. */
export class ScriptedFetchBroker implements FetchTransport {
  readonly seen: FetchSeen[] = []
  readonly logs = new Map<string, ScriptedLog>()
  refreshes = 0
  drops = 0
  /** Answers at once also if there is nothing. */
  isImpatient = false
  /** Nodes that do not answer. */
  readonly down = new Set<number>()
  readonly #appended = new Waiters()

  /** Adds batches to a log. */
  append(partition: number, end: number, ...batches: Buffer[]): ScriptedLog {
    const key = `file/${String(partition)}`
    const log = this.logs.get(key) ?? { leader: 1, logStart: 0, end: 0, batches: [], aborted: [], errors: [], tamper: (bytes) => bytes }
    this.logs.set(key, log)
    log.batches.push(...batches)
    log.end = end
    this.#appended.wake()
    return log
  }

  leaderOf(topic: string, partition: number): number {
    return this.logs.get(`${topic}/${String(partition)}`)?.leader ?? -1
  }

  fetchConnection(node: number): Promise<TransportConnection> {
    const connection: ScriptedConnection = { node, isConnected: () => true }
    return this.down.has(node) ? Promise.reject(new Error('refused')) : Promise.resolve(connection)
  }

  async sendFrame(connection: TransportConnection, api: FrameApi, frame: Buffer): Promise<Buffer> {
    const { node } = connection as ScriptedConnection
    assert.equal(frame.readInt32BE(0), frame.length - 4)
    assert.deepEqual([frame.readInt16BE(4), frame.readInt16BE(6)], [api.apiKey, api.apiVersion])
    if (api.apiKey === 2) return this.#list(frame)
    assert.equal(api.apiKey, 1)
    const request = fetchSeen(node, frame)
    this.seen.push(request)
    const deadline = performance.now() + (this.isImpatient ? 0 : request.waitMs)
    let answer = this.#answer(request)
    while (answer.isEmpty && performance.now() < deadline && !this.down.has(node)) {
      await Promise.race([this.#appended.next(), pause(Math.max(deadline - performance.now(), 1))])
      answer = this.#answer(request)
    }
    if (this.down.has(node)) throw new Error('the connection broke')
    return answer.payload
  }

  recycle(answer: Uint8Array): void {
    answer.fill(0xee)
  }

  throttle(): void {
    // These brokers ask for no pause.
  }

  drop(): void {
    this.drops++
  }

  refresh(): Promise<void> {
    this.refreshes++
    return Promise.resolve()
  }

  /** Wakes requests that wait. */
  wake(): void {
    this.#appended.wake()
  }

  #answer({ node, places, maxBytes }: FetchSeen): { payload: Buffer; isEmpty: boolean } {
    let room = maxBytes
    let isFirst = true
    let isEmpty = true
    const parts = places.map(({ topic, partition, offset, maxBytes: mostBytes }) => {
      const log = this.logs.get(`${topic}/${String(partition)}`)
      const head = (code: number, aborted: Buffer[] = [], records: Buffer = Buffer.alloc(0)): Buffer => {
        if (code !== 0 || records.length > 0) isEmpty = false
        const offsets = [int64(BigInt(log?.end ?? -1)), int64(BigInt(log?.end ?? -1)), int64(BigInt(log?.logStart ?? -1))]
        return Buffer.concat([
          int32(partition),
          int16(code),
          ...offsets,
          int32(aborted.length),
          ...aborted,
          int32(-1),
          int32(records.length),
          records,
        ])
      }
      if (log === undefined) return head(3)
      const error = log.errors.shift()
      if (error !== undefined) return head(error)
      if (log.leader !== node) return head(6)
      if (offset < log.logStart || offset > log.end) return head(1)
      const from = log.batches.filter((batch) => lastOffsetOf(batch) >= offset)
      let bytes = Buffer.concat(from)
      const most = Math.min(room, mostBytes)
      const first = from[0]?.length ?? 0
      if (bytes.length > most) bytes = bytes.subarray(0, isFirst ? Math.max(most, first) : first > most ? 0 : most)
      if (bytes.length > 0) isFirst = false
      room = Math.max(room - bytes.length, 0)
      const aborted = log.aborted.map(({ producerId, firstOffset }) => Buffer.concat([int64(producerId), int64(BigInt(firstOffset))]))
      return head(0, aborted, log.tamper(Buffer.from(bytes)))
    })
    const topic = Buffer.from(places[0]?.topic ?? '')
    const payload = [int32(0), int16(0), int32(0), int32(1), int16(topic.length), topic, int32(parts.length), ...parts]
    return { payload: Buffer.concat(payload), isEmpty }
  }

  #list(frame: Buffer): Buffer {
    // Client id, replica, isolation level.
    let at = 14 + frame.readInt16BE(12) + 4 + 1
    assert.equal(frame.readInt32BE(at), 1)
    const nameBytes = frame.readInt16BE(at + 4)
    const topic = frame.toString('utf8', at + 6, at + 6 + nameBytes)
    at += 6 + nameBytes
    const parts = Array.from({ length: frame.readInt32BE(at) }, (_, index) => {
      const placeAt = at + 4 + index * 16
      const partition = frame.readInt32BE(placeAt)
      const log = this.logs.get(`${topic}/${String(partition)}`)
      const offset = frame.readBigInt64BE(placeAt + 8) === -2n ? log?.logStart : log?.end
      return Buffer.concat([int32(partition), int16(log === undefined ? 3 : 0), int64(-1n), int64(BigInt(offset ?? -1)), int32(0)])
    })
    return Buffer.concat([int32(0), int32(1), int16(topic.length), Buffer.from(topic), int32(parts.length), ...parts])
  }
}

function lastOffsetOf(batch: Buffer): number {
  return Number(batch.readBigInt64BE(0)) + (batch.readInt8(16) === 2 ? Math.max(batch.readInt32BE(23), 0) : 0)
}

/** Reads a request of version 11, as the specification has it. */
function fetchSeen(node: number, frame: Buffer): FetchSeen {
  let at = 14 + frame.readInt16BE(12)
  assert.equal(frame.readInt32BE(at), -1)
  const waitMs = frame.readInt32BE(at + 4)
  assert.equal(frame.readInt32BE(at + 8), 1)
  const maxBytes = frame.readInt32BE(at + 12)
  assert.equal(frame.readInt8(at + 16), 1)
  assert.deepEqual([frame.readInt32BE(at + 17), frame.readInt32BE(at + 21)], [0, -1])
  at += 25
  assert.equal(frame.readInt32BE(at), 1)
  const nameBytes = frame.readInt16BE(at + 4)
  const topic = frame.toString('utf8', at + 6, at + 6 + nameBytes)
  at += 6 + nameBytes
  const places = Array.from({ length: frame.readInt32BE(at) }, (_, index) => {
    const placeAt = at + 4 + index * 28
    assert.equal(frame.readInt32BE(placeAt + 4), -1)
    return {
      topic,
      partition: frame.readInt32BE(placeAt),
      offset: Number(frame.readBigInt64BE(placeAt + 8)),
      maxBytes: frame.readInt32BE(placeAt + 24),
    }
  })
  return { node, waitMs, maxBytes, places }
}
