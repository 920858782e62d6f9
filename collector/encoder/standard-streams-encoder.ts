// stdin, stdout and stderr of a process to Avro, once for all processes that share them. @see schemas/shared/process.avsc Descriptor
import { AvroWriter } from '../../schemas/avro-writer.js'
import { DESCRIPTOR_TYPE_SYMBOLS, type DescriptorType } from '../../schemas/generated/types.js'
import type { EncodedStreams, StandardStreams } from '../processes/standard-streams.js'
import { copyBytes } from '../ring-events/copy-bytes.js'
import type { SocketFacts } from '../ring-events/socket-facts.js'
import { STREAM_FACTS_BYTES, STREAMS, StreamRecord } from '../ring-events/stream-record.js'
import { pathOfWalked } from '../ring-events/walked-path.js'
import { addressText } from './address-text.js'
import { descriptorTypeOf } from './descriptor-type.js'
import { RawTexts } from './raw-texts.js'
import { sunPath } from './socket-addresses.js'
import { writeOptionalText } from './text-encoder.js'

const FIELDS = ['process.stdin.name', 'process.stdout.name', 'process.stderr.name'] as const
const SLASH = 0x2f
const text = new TextEncoder()
const latin1 = new TextDecoder('latin1')

/** Encodes the fields `stdin`, `stdout` and `stderr`. */
export class StandardStreamsEncoder {
  readonly #writer = new AvroWriter()
  readonly #raw = new RawTexts()

  /** Their bytes, kept with them. */
  of(streams: StandardStreams): EncodedStreams {
    return (streams.encoded ??= this.#encode(streams.bytes))
  }

  #encode(bytes: Uint8Array): EncodedStreams {
    this.#writer.reset()
    this.#raw.clear()
    const streams = readStreams(bytes)
    streams.forEach((own, number) => this.#descriptor(bytes, own, streams[own.sameAs ?? number] ?? own, FIELDS[number] ?? ''))
    return { bytes: copyBytes(this.#writer.bytes, 0, this.#writer.position), raw: this.#raw.take() }
  }

  /** @param own what is told of the descriptor itself @param told the stream that tells what it leads to */
  #descriptor(bytes: Uint8Array, { mode }: StreamRecord, told: StreamRecord, field: string): void {
    const writer = this.#writer
    const loose = looseNameOf(bytes, told)
    const type = descriptorTypeOf(mode, told.socket.family, loose === null ? null : latin1.decode(loose))
    if (mode === 0 || type === null) return writer.nulls(1)
    writer.int(1)
    writer.int(DESCRIPTOR_TYPE_SYMBOLS.indexOf(type))
    const name = nameOf(bytes, told, type, loose)
    if (!writeOptionalText(writer, name) && name !== null) this.#raw.add(field, name)
  }
}

function readStreams(bytes: Uint8Array): StreamRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = STREAMS * STREAM_FACTS_BYTES
  return Array.from({ length: STREAMS }, (_, number) => {
    const stream = new StreamRecord().read(view, number * STREAM_FACTS_BYTES, end)
    end = stream.nameEnd
    return stream
  })
}

/** Name of a file that stands in no folder: a memfd, a pipe; null for one that has a path. */
function looseNameOf(bytes: Uint8Array, stream: StreamRecord): Uint8Array | null {
  if (stream.socket.isKnown || !stream.isNameUnreachable || stream.isNameTruncated) return null
  const path = pathOfWalked(bytes, stream.nameStart, stream.nameEnd, false)
  return path.indexOf(SLASH, 1) > 0 ? null : path.subarray(1)
}

function nameOf(bytes: Uint8Array, stream: StreamRecord, type: DescriptorType, loose: Uint8Array | null): Uint8Array | null {
  const { nameStart, nameEnd, isNameTruncated, inodeLow, inodeHigh } = stream
  if (type === 'unix') return sunPath(bytes.subarray(nameStart, nameEnd))
  if (stream.socket.isKnown) return socketName(bytes, stream.socket)
  if (loose === null) return pathOfWalked(bytes, nameStart, nameEnd, isNameTruncated)
  if (loose.length > 0) return loose
  return type === 'pipe' ? text.encode(`pipe:[${String((BigInt(inodeHigh) << 32n) | BigInt(inodeLow))}]`) : null
}

/** `local:port->remote:port`, `local:port` of one that is not connected; null for neither. As `fd.name` shows it. */
function socketName(bytes: Uint8Array, socket: SocketFacts): Uint8Array | null {
  const { family, localAt, localPort, remoteAt, remotePort } = socket
  const [local, remote] = [addressText(bytes, localAt, family), addressText(bytes, remoteAt, family)]
  if (local === null || remote === null || (localPort === 0 && remotePort === 0)) return null
  const near = `${local}:${String(localPort)}`
  return text.encode(remotePort === 0 ? near : `${near}->${remote}:${String(remotePort)}`)
}
