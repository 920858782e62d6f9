// Encodes records of the topic file in the wire format. The caller appends writer.bytes[0, position).
// The hottest code of the collector: only numbers and bytes.
import { KIND, OPEN_WAY, TEXT, UNSET_ID } from '../../native/generated/layout.js'
import { AvroWriter } from '../../schemas/avro-writer.js'
import { FILE_EVENT_TYPE_SYMBOLS, type FileEventType } from '../../schemas/generated/types.js'
import { writeHeader } from '../../schemas/wire-format.js'
import type { EventHeader } from '../ring-events/event-header.js'
import { openWay, type FileChangeRecord, type OpenRecord } from '../ring-events/file-records.js'
import type { OriginEncoder } from './origin-encoder.js'
import type { ProcessBytes } from '../processes/encoded-process.js'
import { type LocatedPath, NO_HOST_PATHS, type PathLocator } from '../mounts/host-paths.js'
import { isPathCut, PATH_SOURCE, PathEncoder } from './path-encoder.js'
import { writePlace } from './place-encoder.js'
import { RawTexts, writeDecimal } from './text-encoder.js'
import { syscallSymbol } from '../../schemas/calls.js'
import { CALL_NUMBERS } from '../../schemas/generated/calls.js'

const TYPE_OPEN = FILE_EVENT_TYPE_SYMBOLS.indexOf('open')

// @see include/uapi/asm-generic/fcntl.h
const O_CREAT = 0o100
const O_TMPFILE_ONLY = 0o20000000
/** Flags that creat(2) implies: O_CREAT | O_WRONLY | O_TRUNC. */
const CREAT_FLAGS = 0o1101
const PERMISSION_BITS = 0o7777
const TWO_32 = 0x100000000
/** include/uapi/linux/fcntl.h: no descriptor, but the working directory. */
const AT_FDCWD = -100

/** Encodes file events into `writer`, which is reset by each. */
export class FileEventEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #origin: OriginEncoder
  readonly #raw = new RawTexts()
  readonly #paths: PathEncoder

  constructor(schemaId: number, origin: OriginEncoder, locator: PathLocator = NO_HOST_PATHS) {
    this.#schemaId = schemaId
    this.#origin = origin
    this.#paths = new PathEncoder(this.#raw, locator)
  }

  /** @param located of the file that was opened; null for none */
  open(
    header: EventHeader,
    process: ProcessBytes,
    bytes: Uint8Array,
    record: OpenRecord,
    located: LocatedPath | null,
    wallUs: number,
  ): void {
    const writer = this.writer
    const hasNoFile = located === null
    // creat has no flags argument; the relevant bits are in the low half, also of openat2's 64.
    const flags = header.syscall === CALL_NUMBERS.creat ? record.flags || CREAT_FLAGS : record.flags
    const bits = (flags % TWO_32) | 0
    const isCreate = (bits & (O_CREAT | O_TMPFILE_ONLY)) !== 0
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(TYPE_OPEN)
    writer.int(syscallSymbol(header.syscall))
    const pathSource = this.#paths.write(writer, bytes, record.path, located, 'path', header)
    writer.nulls(1) // newPath
    this.#intent(bits, isCreate, record)
    writer.int(header.result)
    writer.nulls(1) // descriptorType: not in any record
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
    writer.nulls(12) // uid .. modificationTimeUs: of other types, or not in any record
    writePlace(writer, this.#raw, this.#paths.place, 'place')
    writer.nulls(1) // newPlace
    writer.int(header.syscall === CALL_NUMBERS.openat2 && !record.areFlagsOfFile ? PATH_SOURCE.argument : PATH_SOURCE.kernel)
    writer.int(header.route)
    this.#origin.write(writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(writer)
  }

  /** isRead, isWrite, isCreate, isCreated */
  #intent(bits: number, isCreate: boolean, { isCreated, mode }: OpenRecord): void {
    const way = openWay(bits, isCreated, mode)
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

const TYPE_OF: Readonly<Record<number, FileEventType>> = {
  [KIND.rename]: 'rename',
  [KIND.unlink]: 'unlink',
  [KIND.link]: 'link',
  [KIND.symlink]: 'symlink',
  [KIND.chmod]: 'chmod',
  [KIND.chown]: 'chown',
  [KIND.mkdir]: 'mkdir',
  [KIND.rmdir]: 'rmdir',
  [KIND.truncate]: 'truncate',
  [KIND.xattr]: 'xattr',
  [KIND.times]: 'times',
}

const numbersOf = (...names: readonly (keyof typeof CALL_NUMBERS)[]): ReadonlySet<number> =>
  new Set(names.map((name) => CALL_NUMBERS[name]))
const ON_DESCRIPTOR = numbersOf('fchmod', 'fchown', 'ftruncate', 'fsetxattr', 'fremovexattr')
/** Without a path they are on the descriptor itself. */
const TIMES_AT = numbersOf('utimensat', 'futimesat')
const WITH_FOLDER = numbersOf(
  ...(['renameat', 'renameat2', 'unlinkat', 'linkat', 'symlinkat', 'mkdirat', 'fchmodat', 'fchmodat2', 'fchownat'] as const),
  ...(['setxattrat', 'removexattrat', 'utimensat', 'futimesat'] as const),
)
const WITH_NEW_FOLDER = numbersOf('renameat', 'renameat2', 'linkat')

/** Encodes changes into `writer`, which is reset by each. */
export class FileChangeEncoder {
  readonly writer = new AvroWriter(64 * 1024)
  readonly #schemaId: number
  readonly #origin: OriginEncoder
  readonly #raw = new RawTexts()
  readonly #paths: PathEncoder
  readonly #locator: PathLocator

  constructor(schemaId: number, origin: OriginEncoder, locator: PathLocator = NO_HOST_PATHS) {
    this.#schemaId = schemaId
    this.#origin = origin
    this.#locator = locator
    this.#paths = new PathEncoder(this.#raw, locator)
  }

  change(header: EventHeader, process: ProcessBytes, bytes: Uint8Array, record: FileChangeRecord, wallUs: number): void {
    const { writer } = this
    const { kind, syscall, result } = header
    const isSymlink = kind === KIND.symlink
    const hasNewPath = kind === KIND.rename || kind === KIND.link
    const isOnDescriptor = ON_DESCRIPTOR.has(syscall) || (TIMES_AT.has(syscall) && isWithoutPath(record))
    // Also for a call with an empty path on a descriptor (AT_EMPTY_PATH): the inode is that of the file itself.
    const hasFile = record.inodeLow !== 0 || record.inodeHigh !== 0
    const located = hasFile ? this.#locator.file(bytes, record.path, record) : null
    writer.reset()
    this.#raw.clear()
    writeHeader(writer, this.#schemaId)
    writer.int(FILE_EVENT_TYPE_SYMBOLS.indexOf(TYPE_OF[kind] ?? 'UNKNOWN'))
    writer.int(syscallSymbol(syscall))
    const source = this.#paths.write(writer, bytes, record.path, located, 'path', header)
    const { place } = this.#paths
    if (hasNewPath) this.#paths.write(writer, bytes, record.newPath, null, 'newPath', header)
    else writer.nulls(1)
    const newPlace = hasNewPath ? this.#paths.place : null
    for (const flag of [false, false, false]) writer.boolean(flag) // isRead, isWrite, isCreate
    writer.boolean(result === 0 && (isSymlink || kind === KIND.link || kind === KIND.mkdir))
    writer.int(result)
    writer.nulls(1) // descriptorType: not in any record
    writer.raw(process.bytes, 0, process.length)
    this.#raw.addAll(process.raw)
    writer.long(record.flags)
    this.#optional(kind === KIND.chmod || kind === KIND.mkdir, record.mode & PERMISSION_BITS)
    this.#paths.writeArgument(writer, bytes, record.path, 'pathArgument')
    if (hasNewPath) this.#paths.writeArgument(writer, bytes, record.newPath, 'newPathArgument')
    else writer.nulls(1)
    if (isSymlink) this.#paths.writeArgument(writer, bytes, record.newPath, 'linkTarget')
    else writer.nulls(1)
    writer.int(source)
    writer.boolean(isPathCut(source, record.path) || (hasNewPath && isPathCut(-1, record.newPath)))
    writer.int(header.tid)
    this.#file(record, hasFile)
    this.#optional(kind === KIND.chown, ownerOf(record.uid))
    this.#optional(kind === KIND.chown, ownerOf(record.gid))
    this.#optional(isOnDescriptor, record.folder)
    this.#optional(WITH_FOLDER.has(syscall) && !isOnDescriptor, record.folder)
    this.#optional(WITH_NEW_FOLDER.has(syscall), record.newFolder)
    writer.nulls(3) // resolve, isUpperLayer, isLowerLayer
    this.#given(record.size)
    if (kind === KIND.xattr) this.#paths.writeArgument(writer, bytes, record.newPath, 'attribute')
    else writer.nulls(1)
    this.#given(record.accessUs)
    this.#given(record.modifyUs)
    writePlace(writer, this.#raw, place, 'place')
    writePlace(writer, this.#raw, newPlace, 'newPlace')
    writer.int(PATH_SOURCE.kernel) // flagsSource
    writer.int(header.route)
    this.#origin.write(writer, header.cpu, header.seq, header.bootUs, wallUs)
    this.#raw.write(writer)
  }

  /** A number, or null. */
  #optional(isPresent: boolean, value: number): void {
    this.writer.int(isPresent ? 1 : 0)
    if (isPresent) this.writer.long(value)
  }

  #given(value: number | null): void {
    this.#optional(value !== null, value ?? 0)
  }

  /** inode, device */
  #file(record: FileChangeRecord, hasFile: boolean): void {
    const { writer } = this
    writer.int(hasFile ? 1 : 0)
    if (hasFile) writeDecimal(writer, record.inodeLow, record.inodeHigh)
    this.#optional(hasFile, record.device)
  }
}

/** futimens(3): a descriptor, and neither a path nor one that could not be read. */
function isWithoutPath({ path, folder }: FileChangeRecord): boolean {
  return path.argumentEnd === path.pathEnd && (path.flags & TEXT.argumentFault) === 0 && folder !== AT_FDCWD
}

/** -1 as in chown(2): unchanged. */
const ownerOf = (id: number): number => (id === UNSET_ID ? -1 : id)
