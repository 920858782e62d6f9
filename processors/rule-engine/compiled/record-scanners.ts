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

/** Scans the records of one topic, by their schema ids. */
export class TopicScanners {
  readonly #codec: Codec
  readonly #topic: RuleTopic
  readonly #scanners = new Map<number, RecordScanner>()
  /** Nearly all records of a topic have one id. */
  #lastId = -1
  #last: RecordScanner | null = null
  #symbols: Symbols | undefined

  constructor(codec: Codec, topic: RuleTopic) {
    this.#codec = codec
    this.#topic = topic
  }

  get symbols(): Symbols {
    return (this.#symbols ??= symbolsOf(this.#topic, this.#codec.schema(this.#topic)))
  }

  /**
   * What the value bytes[start, end) holds, valid until the next scan; null if only the decoder can read it: an unknown schema, a damaged record, one with
   * texts that are not UTF-8.
   */
  scan(bytes: Uint8Array, start: number, end: number): ScannedRecord | null {
    if (end - start < HEADER_BYTES || bytes[start] !== MAGIC) return null
    const id = ((bytes[start + 1] ?? 0) << 24) | ((bytes[start + 2] ?? 0) << 16) | ((bytes[start + 3] ?? 0) << 8) | (bytes[start + 4] ?? 0)
    const scanner = id === this.#lastId ? this.#last : this.#ofId(id)
    if (scanner === null || !scanner.scan(bytes, start + HEADER_BYTES, end)) return null
    return scanner.record.hasRaw ? null : scanner.record
  }

  #ofId(id: number): RecordScanner | null {
    const scanner = this.#scanners.get(id) ?? this.#make(id)
    if (scanner === null) return null
    this.#lastId = id
    this.#last = scanner
    return scanner
  }

  #make(id: number): RecordScanner | null {
    const writer = this.#codec.writerSchema(this.#topic, id)
    if (writer === undefined) return null
    if (this.#scanners.size >= MAX_SCANNERS) this.#scanners.clear()
    const scanner = new RecordScanner(this.#topic, writer, this.#codec.schema(this.#topic), RECORD_SLOTS)
    this.#scanners.set(id, scanner)
    return scanner
  }
}

/** Scans records by topic and schema id. */
export class RecordScanners {
  readonly #byTopic: Readonly<Record<RuleTopic, TopicScanners>>

  constructor(codec: Codec) {
    const of = (topic: RuleTopic): TopicScanners => new TopicScanners(codec, topic)
    this.#byTopic = { process: of('process'), file: of('file'), network: of('network'), kernel: of('kernel') }
  }

  of(topic: RuleTopic): TopicScanners {
    return this.#byTopic[topic]
  }
}
