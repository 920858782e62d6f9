// The scanners of all topics, one for each writer's schema that appears. Bounded: any writer of a topic can name any id.
import type { Codec } from '../../../schemas/codec.js'
import { HEADER_BYTES, MAGIC } from '../../../schemas/wire-format.js'
import type { RuleTopic } from '../fields/rule-event.js'
import { RecordScanner } from './record-scanner.js'
import { RECORD_SLOTS } from '../fields/bytes/record-slots.js'
import { symbolsOf, type Symbols } from '../fields/bytes/symbols.js'
import type { ScannedRecord } from '../fields/bytes/scanned-record.js'

/** Most scanners of a topic. */
const MAX_SCANNERS = 64

/** Scans records by topic and schema id. */
export class RecordScanners {
  readonly #codec: Codec
  readonly #byTopic: Readonly<Record<RuleTopic, Map<number, RecordScanner>>> = {
    process: new Map(),
    file: new Map(),
    network: new Map(),
    kernel: new Map(),
  }

  readonly #symbols: Partial<Record<RuleTopic, Symbols>> = {}

  constructor(codec: Codec) {
    this.#codec = codec
  }

  /** Symbols of the records of a topic. */
  symbols(topic: RuleTopic): Symbols {
    const known = this.#symbols[topic] ?? symbolsOf(topic, this.#codec.schema(topic))
    this.#symbols[topic] = known
    return known
  }

  /**
   * What the value bytes[start, end) holds, valid until the next scan; null if only the decoder can read it: an unknown schema, a damaged record, one with
   * texts that are not UTF-8.
   */
  scan(topic: RuleTopic, bytes: Uint8Array, start: number, end: number): ScannedRecord | null {
    if (end - start < HEADER_BYTES || bytes[start] !== MAGIC) return null
    const id = ((bytes[start + 1] ?? 0) << 24) | ((bytes[start + 2] ?? 0) << 16) | ((bytes[start + 3] ?? 0) << 8) | (bytes[start + 4] ?? 0)
    const scanner = this.#byTopic[topic].get(id) ?? this.#make(topic, id)
    if (scanner === null || !scanner.scan(bytes, start + HEADER_BYTES, end)) return null
    return scanner.record.hasRaw ? null : scanner.record
  }

  #make(topic: RuleTopic, id: number): RecordScanner | null {
    const writer = this.#codec.writerSchema(topic, id)
    if (writer === undefined) return null
    const scanners = this.#byTopic[topic]
    if (scanners.size >= MAX_SCANNERS) scanners.clear()
    const scanner = new RecordScanner(topic, writer, this.#codec.schema(topic), RECORD_SLOTS)
    scanners.set(id, scanner)
    return scanner
  }
}
