// Encodes the field `origin` of every record: the constant part is encoded once, CPU, sequence and times follow.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes } from '../ring-events/record-texts.js'

/** Identity of the producer of records: with topic, cpu and seq it is the event id. */
export interface OriginIdentity {
  readonly hostId: string
  readonly hostName: string
  readonly bootId: string
  /** Creation of the sequence counters, Unix time in microseconds. */
  readonly epoch: number
}

/** cpu of events created by the collector itself. */
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
