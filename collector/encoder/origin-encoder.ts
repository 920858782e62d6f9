// The field `origin` of every record: what never changes is encoded once, where and when follows.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes } from '../ring-events/record-texts.js'

/** Who makes records: with topic, cpu and seq it is the event id. */
export interface OriginIdentity {
  readonly hostId: string
  readonly hostName: string
  readonly bootId: string
  /** Creation of the sequence counters, Unix time in microseconds. */
  readonly epoch: number
}

/** cpu of what the collector itself makes. */
export const COLLECTOR_CPU = -1

/** Encodes origins of one identity. */
export class OriginEncoder {
  readonly identity: OriginIdentity
  readonly #constant: Uint8Array

  constructor(identity: OriginIdentity) {
    this.identity = identity
    const writer = new AvroWriter()
    writer.text(identity.hostId)
    writer.text(identity.hostName)
    writer.text(identity.bootId)
    writer.long(identity.epoch)
    this.#constant = copyBytes(writer.bytes, 0, writer.position)
  }

  /** Writes one origin; times in microseconds. */
  write(writer: AvroWriter, cpu: number, seq: number, bootTimeUs: number, wallTimeUs: number): void {
    writer.raw(this.#constant, 0, this.#constant.length)
    writer.int(cpu)
    writer.long(seq)
    writer.long(bootTimeUs)
    writer.long(wallTimeUs)
  }
}
