// A broker on a socket that answers nothing but which APIs it knows and who leads the partitions, with the errors that a test wants.
import { once } from 'node:events'
import net from 'node:net'
import { AnswerReader } from '../../../infra/kafka/kafkajs-internals/answer-socket.js'
import { FramePool } from '../../../infra/kafka/kafkajs-internals/frame-pool.js'
import { WireWriter } from '../../../infra/kafka/wire.js'

const METADATA = 3
const API_VERSIONS = 18
const APIS = [
  [METADATA, 6],
  [API_VERSIONS, 2],
] as const

/** A partition as its metadata state it. */
export interface ScriptedPartition {
  readonly leader: number
  readonly errorCode: number
}

/** It has number 1. */
export class ScriptedMetadataBroker {
  /** By the topic's name. */
  readonly topics = new Map<string, ScriptedPartition[]>()
  /** What it states as its address. */
  address = ''
  /** How many connections were made to it. */
  connections = 0
  readonly #sockets = new Set<net.Socket>()
  readonly #server = net.createServer((socket) => {
    this.connections++
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => undefined)
    const reader = new AnswerReader(new FramePool(0), (request) => {
      const answer = this.#answer(request)
      if (answer !== undefined) socket.write(answer)
    })
    socket.on('data', (bytes) => reader.filled(bytes.copy(reader.space)))
  })

  /** @returns its address */
  async listen(): Promise<string> {
    await once(this.#server.listen(0, '127.0.0.1'), 'listening')
    this.address = `127.0.0.1:${String((this.#server.address() as net.AddressInfo).port)}`
    return this.address
  }

  /** Connections that are open. */
  get open(): number {
    return this.#sockets.size
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #answer(request: Buffer): Buffer | undefined {
    const api = request.readInt16BE(4)
    if (api !== METADATA && api !== API_VERSIONS) return undefined
    const body = api === METADATA ? this.#metadata() : apiVersions()
    const head = Buffer.alloc(8)
    head.writeInt32BE(4 + body.length, 0)
    request.copy(head, 4, 8, 12)
    return Buffer.concat([head, body])
  }

  #metadata(): Buffer {
    const writer = new WireWriter().int32(0)
    writer
      .array([1], (node) =>
        writer
          .int32(node)
          .text('127.0.0.1')
          .int32(Number(this.address.split(':')[1]))
          .text(null),
      )
      .text(null)
    writer.int32(1).array([...this.topics], ([topic, partitions]) =>
      writer
        .int16(0)
        .text(topic)
        .bool(false)
        .array([...partitions.entries()], ([partition, { leader, errorCode }]) =>
          writer.int16(errorCode).int32(partition).int32(leader).int32(0).int32(0).int32(0),
        ),
    )
    return writer.take()
  }
}

function apiVersions(): Buffer {
  const writer = new WireWriter().int16(0)
  return writer
    .array(APIS, ([api, most]) => writer.int16(api).int16(0).int16(most))
    .int32(0)
    .take()
}
