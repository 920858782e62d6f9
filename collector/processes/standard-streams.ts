// What stdin, stdout and stderr of a process led to when it began its program, as the kernel told it. Shared by the processes that it forks.
import { copyBytes } from '../ring-events/copy-bytes.js'
import type { EncodedRawTexts } from '../encoder/raw-texts.js'
import type { ExecRecord } from '../ring-events/exec-record.js'
import { STREAM_FACTS_BYTES, STREAMS } from '../ring-events/stream-record.js'

/** Avro bytes of the fields `stdin`, `stdout` and `stderr`, which stand one behind the other. */
export interface EncodedStreams {
  readonly bytes: Uint8Array
  readonly raw: EncodedRawTexts
}

const FACTS_BYTES = STREAMS * STREAM_FACTS_BYTES

/** Three times struct stream_facts, and behind them the names. */
export class StandardStreams {
  readonly bytes: Uint8Array
  /** Kept by the encoder. */
  encoded: EncodedStreams | null = null

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  /** Copies them out of an exec record. */
  static of(source: Uint8Array, { streamsAt, filenameEnd, streamsEnd }: ExecRecord): StandardStreams {
    const bytes = new Uint8Array(FACTS_BYTES + (streamsEnd - filenameEnd))
    bytes.set(source.subarray(streamsAt, streamsAt + FACTS_BYTES))
    bytes.set(source.subarray(filenameEnd, streamsEnd), FACTS_BYTES)
    return new StandardStreams(bytes)
  }

  /** Makes them of what a checkpoint kept. @throws TypeError for what can not be one */
  static revive(saved: { readonly bytes: Uint8Array } | null): StandardStreams | null {
    if (saved === null) return null
    if (!(saved.bytes instanceof Uint8Array) || saved.bytes.length < FACTS_BYTES) throw new TypeError('no streams')
    return new StandardStreams(copyBytes(saved.bytes, 0, saved.bytes.length))
  }
}
