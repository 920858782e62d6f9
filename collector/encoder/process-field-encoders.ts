// Parts of the record Process that many processes share, encoded once and cached: lineage (per image of the parent), standard streams
// and namespaces.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes, pathOfWalked } from '../ring-events/record-texts.js'
import type { EncodedFields } from '../processes/encoded-process.js'
import type { Lineage, Ancestor } from '../processes/lineage.js'
import { writeArguments, RawTexts, writeOptionalText, writeText } from './text-encoder.js'
import { DESCRIPTOR_TYPE_SYMBOLS, type DescriptorType } from '../../schemas/generated/types.js'
import type { StandardStreams } from '../processes/standard-streams.js'
import type { SocketFacts } from '../ring-events/network-records.js'
import { NAMESPACE_FACTS, STREAMS, STREAM_FACTS } from '../../native/generated/layout.js'
import { StreamRecord } from '../ring-events/process-records.js'
import { addressText } from './address-text.js'
import { descriptorTypeOf } from './descriptor-type.js'
import { sunPath } from './socket-addresses.js'
import { microsecondsAt, uint32At } from '../ring-events/event-header.js'

/** Encodes the fields `ancestors` and `parentArgs`. */
export class LineageEncoder {
  readonly #writer = new AvroWriter()
  readonly #raw = new RawTexts()

  /** The bytes of a lineage, cached in it. */
  of(lineage: Lineage): EncodedFields {
    return (lineage.encoded ??= this.#encode(lineage))
  }

  #encode(lineage: Lineage): EncodedFields {
    const writer = this.#writer
    const raw = this.#raw
    writer.reset()
    raw.clear()
    writer.blockStart(lineage.ancestors.length)
    lineage.ancestors.forEach((ancestor, index) => writeAncestor(writer, raw, ancestor, `process.ancestors.${String(index)}`))
    writer.blockEnd()
    writeArguments(writer, raw, 'process.parentArgs', lineage.parentArgs, 0, lineage.parentArgs.length)
    return { bytes: copyBytes(writer.bytes, 0, writer.position), raw: raw.take() }
  }
}

/** Writes an ancestor. @param field path of the record in the event, for texts that are not valid UTF-8 */
export function writeAncestor(writer: AvroWriter, raw: RawTexts, ancestor: Ancestor, field: string): void {
  writer.int(ancestor.pid)
  writer.long(ancestor.startUs)
  if (!writeText(writer, ancestor.name, 0, ancestor.name.length)) raw.add(`${field}.name`, ancestor.name)
  if (!writeText(writer, ancestor.exe, 0, ancestor.exe.length)) raw.add(`${field}.exe`, ancestor.exe)
  if (!writeOptionalText(writer, ancestor.exePath) && ancestor.exePath !== null) raw.add(`${field}.exePath`, ancestor.exePath)
  writer.int(ancestor.exeFlags)
  if (!writeOptionalText(writer, ancestor.program) && ancestor.program !== null) raw.add(`${field}.program`, ancestor.program)
}

const FIELDS = ['process.stdin.name', 'process.stdout.name', 'process.stderr.name'] as const
const SLASH = 0x2f
const text = new TextEncoder()
const latin1 = new TextDecoder('latin1')

/** Encodes the fields `stdin`, `stdout` and `stderr`. */
export class StandardStreamsEncoder {
  readonly #writer = new AvroWriter()
  readonly #raw = new RawTexts()

  /** The bytes of the streams, cached in them. */
  of(streams: StandardStreams): EncodedFields {
    return (streams.encoded ??= this.#encode(streams))
  }

  #encode({ bytes, hostPaths }: StandardStreams): EncodedFields {
    this.#writer.reset()
    this.#raw.clear()
    const streams = readStreams(bytes)
    streams.forEach((own, number) => {
      const source = own.sameAs ?? number
      this.#descriptor(bytes, own, streams[source] ?? own, hostPaths[source] ?? null, FIELDS[number] ?? '')
    })
    return { bytes: copyBytes(this.#writer.bytes, 0, this.#writer.position), raw: this.#raw.take() }
  }

  /** @param own facts of the descriptor itself @param target the stream record with the facts of its file @param hostPath in place of its name */
  #descriptor(bytes: Uint8Array, { mode }: StreamRecord, target: StreamRecord, hostPath: Uint8Array | null, field: string): void {
    const writer = this.#writer
    const loose = looseNameOf(bytes, target)
    const type = descriptorTypeOf(mode, target.socket.family, loose === null ? null : latin1.decode(loose))
    if (mode === 0 || type === null) return writer.nulls(1)
    writer.int(1)
    writer.int(DESCRIPTOR_TYPE_SYMBOLS.indexOf(type))
    const name = hostPath ?? nameOf(bytes, target, type, loose)
    if (!writeOptionalText(writer, name) && name !== null) this.#raw.add(field, name)
  }
}

function readStreams(bytes: Uint8Array): StreamRecord[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = STREAMS * STREAM_FACTS.bytes
  return Array.from({ length: STREAMS }, (_, number) => {
    const stream = new StreamRecord().read(view, number * STREAM_FACTS.bytes, end)
    end = stream.nameEnd
    return stream
  })
}

/** Name of a file without a folder: a memfd, a pipe; null for one with a path. */
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

/** `local:port->remote:port`, or `local:port` if it is not connected; null without ports. Same format as `fd.name`. */
function socketName(bytes: Uint8Array, socket: SocketFacts): Uint8Array | null {
  const { family, localAt, localPort, remoteAt, remotePort } = socket
  const [local, remote] = [addressText(bytes, localAt, family), addressText(bytes, remoteAt, family)]
  if (local === null || remote === null || (localPort === 0 && remotePort === 0)) return null
  const near = `${local}:${String(localPort)}`
  return text.encode(remotePort === 0 ? near : `${near}->${remote}:${String(remotePort)}`)
}

/** In the order of the schema. */
const NAMESPACES: readonly number[] = [
  NAMESPACE_FACTS.mount,
  NAMESPACE_FACTS.pid,
  NAMESPACE_FACTS.network,
  NAMESPACE_FACTS.user,
  NAMESPACE_FACTS.uts,
  NAMESPACE_FACTS.ipc,
  NAMESPACE_FACTS.cgroup,
]

/** Writes the content of struct namespace_facts. */
export class NamespacesEncoder {
  readonly #writer = new AvroWriter(128)
  /** The facts encoded last, compared without the parent's number; initially shorter than any facts. */
  #facts: Uint8Array = new Uint8Array(0)
  #bytes: Uint8Array = new Uint8Array(0)

  /** Writes the union of null and the record. */
  write(writer: AvroWriter, facts: Uint8Array): void {
    if (!isSame(this.#facts, facts)) this.#encode(facts)
    writer.raw(this.#bytes, 0, this.#bytes.length)
  }

  /** Writes the union of null and the parent's number in the pid namespace of the process. */
  writeParentPid(writer: AvroWriter, facts: Uint8Array): void {
    if (!isKnown(facts)) return writer.nulls(1)
    writer.int(1)
    writer.int(uint32At(facts, NAMESPACE_FACTS.parentNamespacePid) | 0)
  }

  #encode(facts: Uint8Array): void {
    const writer = this.#writer
    const view = new DataView(facts.buffer, facts.byteOffset, facts.byteLength)
    writer.reset()
    writer.int(isKnown(facts) ? 1 : 0)
    if (isKnown(facts)) {
      for (const at of NAMESPACES) writer.long(view.getUint32(at, true))
      const startUs = microsecondsAt(view, NAMESPACE_FACTS.pidStartBootNs)
      writer.int(startUs === 0 ? 0 : 1)
      if (startUs !== 0) writer.long(startUs)
    }
    this.#facts = facts
    this.#bytes = copyBytes(writer.bytes, 0, writer.position)
  }
}

/** Every namespace has a number. */
function isKnown(facts: Uint8Array): boolean {
  return uint32At(facts, NAMESPACE_FACTS.pid) !== 0
}

function isSame(known: Uint8Array, facts: Uint8Array): boolean {
  if (known === facts) return true
  if (known.length !== facts.length) return false
  for (let at = 0; at < NAMESPACE_FACTS.parentNamespacePid; at++) if (known[at] !== facts[at]) return false
  return true
}
