// Records of processes and cgroups, with the structs of bpf/record/event.h.
import {
  CGROUP_EVENT,
  EXEC_EVENT,
  EXEC_REFUSED_EVENT,
  EXIT_EVENT,
  FORK_EVENT,
  STREAMS,
  STREAM_FACTS,
  STREAM_IS_STDIN,
  STREAM_IS_STDOUT,
  STREAM_HAS_PLACE,
  STREAM_NAME_TRUNCATED,
  STREAM_NAME_UNREACHABLE,
  TEXT,
} from '../../native/generated/layout.js'
import type { KeptBytes } from './kept-bytes.js'
import { SocketFacts } from './network-records.js'
import { isWalkedPath, PathSpan } from './record-texts.js'
import { TaskFacts } from './task-facts.js'

/** The facts of the child in a KIND_FORK, whose header is the child's. @returns null when the record is malformed */
export function readFork(bytes: Uint8Array, view: DataView, at: number, length: number, kept: KeptBytes): TaskFacts | null {
  if (length < FORK_EVENT.bytes) return null
  return TaskFacts.read(bytes, view, at + FORK_EVENT.facts, at + FORK_EVENT.namespaces, kept)
}

/** struct stream_facts: the file of a standard stream of a process when it started its program. */
export class StreamRecord {
  /** i_mode; 0 for a closed descriptor. */
  mode = 0
  inodeLow = 0
  inodeHigh = 0
  /** Bits of enum stream_flags. */
  flags = 0
  readonly socket = new SocketFacts()
  /** A walked path, or the name of a unix socket. */
  nameStart = 0
  nameEnd = 0

  /** Reads the stream at `at`, which is within the record; its name begins at `nameStart`. */
  read(view: DataView, at: number, nameStart: number): this {
    this.mode = view.getUint32(at + STREAM_FACTS.mode, true)
    this.inodeLow = view.getUint32(at + STREAM_FACTS.inode, true)
    this.inodeHigh = view.getUint32(at + STREAM_FACTS.inode + 4, true)
    this.flags = view.getUint32(at + STREAM_FACTS.flags, true)
    this.socket.read(view, at + STREAM_FACTS.socket)
    this.nameStart = nameStart
    this.nameEnd = nameStart + view.getUint32(at + STREAM_FACTS.nameLength, true)
    return this
  }

  /** The name as the path of a file. */
  path(span: PathSpan): PathSpan {
    const { nameStart, nameEnd, flags } = this
    const hasPlace = (flags & STREAM_HAS_PLACE) !== 0
    const bits =
      (this.isNameTruncated ? TEXT.pathTruncated : 0) | (this.isNameUnreachable ? TEXT.pathUnreachable : 0) | (hasPlace ? TEXT.hasPlace : 0)
    span.set(nameStart, nameEnd - nameStart, 0, bits)
    return span
  }

  /** False for a malformed record. */
  isNameWhole(bytes: Uint8Array): boolean {
    return this.nameEnd <= bytes.length && (this.socket.isKnown || isWalkedPath(bytes, this.nameStart, this.nameEnd))
  }

  /** Number of the stream with the same open file; null when this one has its own name. */
  get sameAs(): number | null {
    if ((this.flags & STREAM_IS_STDIN) !== 0) return 0
    return (this.flags & STREAM_IS_STDOUT) !== 0 ? 1 : null
  }

  get isNameTruncated(): boolean {
    return (this.flags & STREAM_NAME_TRUNCATED) !== 0
  }

  /** The file has no folder, or one outside the root of the process. */
  get isNameUnreachable(): boolean {
    return (this.flags & STREAM_NAME_UNREACHABLE) !== 0
  }
}

/** struct exec_event: KIND_EXEC, and KIND_TASK of the task iterator. Positions of the texts in the record. */
export class ExecRecord {
  readonly #stream = new StreamRecord()
  /** The paths of the executable, of the working directory, and of the files of the streams, with their places. */
  readonly exePath = new PathSpan()
  readonly cwd = new PathSpan()
  readonly streamPaths: readonly PathSpan[] = Array.from({ length: STREAMS }, () => new PathSpan())
  factsAt = 0
  namespacesAt = 0
  streamsAt = 0
  argsStart = 0
  argsEnd = 0
  argsTotal = 0
  exePathEnd = 0
  cwdEnd = 0
  filenameEnd = 0
  /** The names of the streams are between the file name and here. */
  streamsEnd = 0
  /** The variables, each NUL-terminated, are between the names of the streams and here. */
  environmentEnd = 0
  /** Bits of enum environment_flags. */
  environmentFlags = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < EXEC_EVENT.bytes) return false
    this.factsAt = at + EXEC_EVENT.facts
    this.namespacesAt = at + EXEC_EVENT.namespaces
    this.streamsAt = at + EXEC_EVENT.streams
    this.argsStart = at + EXEC_EVENT.bytes
    this.argsEnd = this.argsStart + view.getUint32(at + EXEC_EVENT.argsLength, true)
    this.argsTotal = view.getUint32(at + EXEC_EVENT.argsTotal, true)
    this.exePathEnd = this.argsEnd + view.getUint32(at + EXEC_EVENT.exePathLength, true)
    this.cwdEnd = this.exePathEnd + view.getUint32(at + EXEC_EVENT.cwdLength, true)
    this.filenameEnd = this.cwdEnd + view.getUint32(at + EXEC_EVENT.filenameLength, true)
    this.textFlags = view.getUint32(at + EXEC_EVENT.textFlags, true)
    let end = this.filenameEnd
    let areNamesWhole = true
    for (let number = 0; number < STREAMS; number++) {
      this.#stream.read(view, this.streamsAt + number * STREAM_FACTS.bytes, end)
      end = this.#stream.nameEnd
      const path = this.streamPaths[number]
      if (path !== undefined) this.#stream.path(path)
      areNamesWhole &&= this.#stream.isNameWhole(bytes)
    }
    this.streamsEnd = end
    this.environmentEnd = end + view.getUint32(at + EXEC_EVENT.environmentLength, true)
    this.environmentFlags = view.getUint32(at + EXEC_EVENT.environmentFlags, true)
    return (
      areNamesWhole &&
      this.environmentEnd <= at + length &&
      isWalkedPath(bytes, this.argsEnd, this.exePathEnd) &&
      isWalkedPath(bytes, this.exePathEnd, this.cwdEnd) &&
      this.#readPlaces(bytes, view, at + length)
    )
  }

  #readPlaces(bytes: Uint8Array, view: DataView, end: number): boolean {
    const { argsEnd, exePathEnd, cwdEnd, textFlags } = this
    const bits = (truncated: number, unreachable: number, place: number): number =>
      ((textFlags & truncated) !== 0 ? TEXT.pathTruncated : 0) |
      ((textFlags & unreachable) !== 0 ? TEXT.pathUnreachable : 0) |
      ((textFlags & place) !== 0 ? TEXT.hasPlace : 0)
    this.exePath.set(argsEnd, exePathEnd - argsEnd, 0, bits(TEXT.exePathTruncated, TEXT.exePathUnreachable, TEXT.hasPlace))
    this.cwd.set(exePathEnd, cwdEnd - exePathEnd, 0, bits(TEXT.cwdTruncated, TEXT.cwdUnreachable, TEXT.cwdHasPlace))
    let at = this.exePath.readPlace(bytes, view, this.environmentEnd, end)
    if (at >= 0) at = this.cwd.readPlace(bytes, view, at, end)
    for (const path of this.streamPaths) if (at >= 0) at = path.readPlace(bytes, view, at, end)
    return at >= 0
  }
}

/** struct exec_refused_event: KIND_EXEC_REFUSED. The header is the caller's; its result is the negative errno. */
export class ExecRefusedRecord {
  argsStart = 0
  argsEnd = 0
  argsTotal = 0
  filenameEnd = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EXEC_REFUSED_EVENT.bytes) return false
    this.argsStart = at + EXEC_REFUSED_EVENT.bytes
    this.argsEnd = this.argsStart + view.getUint32(at + EXEC_REFUSED_EVENT.argsLength, true)
    this.argsTotal = view.getUint32(at + EXEC_REFUSED_EVENT.argsTotal, true)
    this.filenameEnd = this.argsEnd + view.getUint32(at + EXEC_REFUSED_EVENT.filenameLength, true)
    this.textFlags = view.getUint32(at + EXEC_REFUSED_EVENT.textFlags, true)
    return this.filenameEnd <= at + length
  }
}

/** struct exit_event: KIND_EXIT, when the last thread of a process has exited. */
export class ExitRecord {
  /** Status 0..255; meaningless when a signal ended it. */
  status = 0
  /** Signal that ended it; 0 for none. */
  signal = 0
  coreDumped = false

  /** Reads the record at `at`. @returns false when it is malformed @see wait(2) for the bits */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EXIT_EVENT.bytes) return false
    const code = view.getUint32(at + EXIT_EVENT.exitCode, true)
    this.signal = code & 0x7f
    this.coreDumped = (code & 0x80) !== 0
    this.status = (code >>> 8) & 0xff
    return true
  }
}

/** struct cgroup_event: KIND_CGROUP_MKDIR and KIND_CGROUP_RMDIR. header.cgroup_id is the cgroup's. */
export class CgroupRecord {
  hierarchyId = 0
  pathStart = 0
  pathEnd = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(view: DataView, at: number, length: number): boolean {
    if (length < CGROUP_EVENT.bytes) return false
    this.hierarchyId = view.getUint32(at + CGROUP_EVENT.hierarchyId, true)
    this.pathStart = at + CGROUP_EVENT.bytes
    this.pathEnd = this.pathStart + view.getUint32(at + CGROUP_EVENT.pathLength, true)
    this.textFlags = view.getUint32(at + CGROUP_EVENT.textFlags, true)
    return this.pathEnd <= at + length
  }
}
