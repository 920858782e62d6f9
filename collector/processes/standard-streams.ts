// The files of stdin, stdout and stderr of a process when it started its program, from the exec record. Shared with forked processes.
import { copyBytes, placeBytes } from '../ring-events/record-texts.js'
import type { EncodedFields } from './encoded-process.js'
import { NO_HOST_PATHS, type PathLocator } from '../mounts/host-paths.js'
import type { ExecRecord } from '../ring-events/process-records.js'
import { STREAMS, STREAM_FACTS } from '../../native/generated/layout.js'

const FACTS_BYTES = STREAMS * STREAM_FACTS.bytes

/** Three struct stream_facts, followed by the names. */
export class StandardStreams {
  readonly bytes: Uint8Array
  /** Path on the host of each stream that is a file of the system under another name; else null. */
  readonly hostPaths: readonly (Uint8Array | null)[]
  /** The fields `stdin`, `stdout` and `stderr`, stored here by the encoder. */
  encoded: EncodedFields | null = null
  /** The pipes that stdin and stdout lead to, stored here by PipeHolders. */
  pipes: readonly [input: string | null, output: string | null] | null = null

  constructor(bytes: Uint8Array, hostPaths: readonly (Uint8Array | null)[] = []) {
    this.bytes = bytes
    this.hostPaths = hostPaths
  }

  /** Restores streams from a checkpoint. @throws TypeError if they are invalid */
  static revive(saved: Pick<StandardStreams, 'bytes' | 'hostPaths'> | null): StandardStreams | null {
    if (saved === null) return null
    if (!(saved.bytes instanceof Uint8Array) || saved.bytes.length < FACTS_BYTES) throw new TypeError('no streams')
    return new StandardStreams(copyBytes(saved.bytes, 0, saved.bytes.length), saved.hostPaths)
  }
}

/** Reads streams of exec records. Programs that a shell starts in sequence mostly have the same ones: these are stored and encoded once. */
export class StreamsReader {
  #last: StandardStreams | null = null
  readonly #locator: PathLocator

  constructor(locator: PathLocator = NO_HOST_PATHS) {
    this.#locator = locator
  }

  /** Copies them out of a record, unless they equal those of the previous one. */
  read(source: Uint8Array, { streamsAt, filenameEnd, streamsEnd, streamPaths }: ExecRecord): StandardStreams {
    const last = this.#last
    const length = FACTS_BYTES + (streamsEnd - filenameEnd)
    if (last !== null && last.bytes.length === length && isSame(last.bytes, source, streamsAt, filenameEnd)) return last
    const bytes = new Uint8Array(length)
    placeBytes(source, streamsAt, streamsAt + FACTS_BYTES, bytes, 0)
    placeBytes(source, filenameEnd, streamsEnd, bytes, FACTS_BYTES)
    const hostPaths = streamPaths.map((path) => (path.place.isPresent ? this.#locator.file(source, path, null).hostPath : null))
    return (this.#last = new StandardStreams(bytes, hostPaths))
  }
}

function isSame(known: Uint8Array, source: Uint8Array, factsAt: number, namesAt: number): boolean {
  for (let at = 0; at < FACTS_BYTES; at++) if (known[at] !== source[factsAt + at]) return false
  for (let at = FACTS_BYTES; at < known.length; at++) if (known[at] !== source[namesAt - FACTS_BYTES + at]) return false
  return true
}
