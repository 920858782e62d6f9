// Records of the topic file as values in the wire format. The caller appends writer.bytes[0, position).
// The busiest code of the collector: numbers and bytes only.
import { OPEN_WAY } from '../../native/kernel-filters.js'
import { AvroWriter } from '../../schemas/avro-writer.js'
import { FILE_EVENT_TYPE_SYMBOLS } from '../../schemas/generated/types.js'
import { writeHeader } from '../../schemas/wire-format.js'
import type { EventHeader } from '../ring-events/event-header.js'
import type { OpenRecord } from '../ring-events/open-record.js'
import { openWay } from '../ring-events/open-way.js'
import { TEXT } from '../ring-events/text-flags.js'
import type { OriginEncoder } from './origin-encoder.js'
import type { ProcessBytes } from './encoded-process.js'
import { isPathCut, PathEncoder } from './path-encoder.js'
import { RawTexts } from './raw-texts.js'
import { SYSCALL_NUMBERS, syscallSymbol } from './syscall-symbols.js'
import { writeDecimal } from './text-encoder.js'

const TYPE_OPEN = FILE_EVENT_TYPE_SYMBOLS.indexOf('open')

// @see include/uapi/asm-generic/fcntl.h
const O_CREAT = 0o100
const O_TMPFILE_ONLY = 0o20000000
/** What creat(2) is short for: O_CREAT | O_WRONLY | O_TRUNC. */
const CREAT_FLAGS = 0o1101
const PERMISSION_BITS = 0o7777
const TWO_32 = 0x100000000

/** Encodes file events into `writer`, which is reset by each. */
export class FileEventEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #origin: OriginEncoder
  readonly #raw = new RawTexts()
  readonly #paths = new PathEncoder(this.#raw)

  constructor(schemaId: number, origin: OriginEncoder) {
    this.#schemaId = schemaId
    this.#origin = origin
  }

  open(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: OpenRecord, wallUs: number): void {
    const writer = this.writer
    // No file to tell of: the call failed, or another thread closed the descriptor before it could be looked at.
    const hasNoFile = header.result < 0 || (record.path.flags & TEXT.pathFault) !== 0
    // creat has no flags argument; the bits that matter stand in the low half, also of openat2's 64.
    const flags = header.syscall === SYSCALL_NUMBERS.creat ? record.flags || CREAT_FLAGS : record.flags
    const bits = (flags % TWO_32) | 0
    const isCreate = (bits & (O_CREAT | O_TMPFILE_ONLY)) !== 0
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(TYPE_OPEN)
    writer.int(syscallSymbol(header.syscall))
    const pathSource = this.#paths.write(writer, bytes, record.path, !hasNoFile, 'path')
    writer.nulls(1) // newPath
    this.#intent(bits, isCreate, record.isCreated)
    writer.int(header.result)
    writer.nulls(1) // descriptorType: no record tells it
    writer.raw(process.bytes, 0, process.length)
    this.#raw.addAll(process.raw)
    writer.long(flags)
    writer.int(isCreate ? 1 : 0)
    if (isCreate) writer.int(record.mode & PERMISSION_BITS)
    this.#paths.writeArgument(writer, bytes, record.path, 'pathArgument')
    writer.nulls(2) // newPathArgument, linkTarget
    writer.int(pathSource)
    writer.boolean(isPathCut(pathSource, record.path))
    writer.int(header.tid)
    this.#inode(record, hasNoFile)
    writer.nulls(8) // uid .. isLowerLayer: of other types, or no record tells them
    this.#origin.write(writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(writer)
  }

  /** isRead, isWrite, isCreate, isCreated */
  #intent(bits: number, isCreate: boolean, isCreated: boolean): void {
    const way = openWay(bits, isCreated)
    this.writer.boolean((way & OPEN_WAY.read) !== 0)
    this.writer.boolean((way & OPEN_WAY.write) !== 0)
    this.writer.boolean(isCreate)
    this.writer.boolean(isCreated)
  }

  /** inode, device */
  #inode(record: OpenRecord, hasNoFile: boolean): void {
    const writer = this.writer
    writer.int(hasNoFile ? 0 : 1)
    if (!hasNoFile) writeDecimal(writer, record.inodeLow, record.inodeHigh)
    writer.int(hasNoFile ? 0 : 1)
    if (!hasNoFile) writer.long(record.device)
  }
}
