// struct stream_facts of bpf/record/event.h: what a standard stream of a process led to when it began its program.
import { SOCKET_FACTS_BYTES, SocketFacts } from './socket-facts.js'
import { isWalkedPath } from './walked-path.js'

/** Offsets within struct stream_facts. */
export const STREAM_FACTS = { inode: 0, mode: 8, nameLength: 12, flags: 16, socket: 24 } as const

/** sizeof(struct stream_facts). */
export const STREAM_FACTS_BYTES = STREAM_FACTS.socket + SOCKET_FACTS_BYTES

/** STREAMS: stdin, stdout, stderr. */
export const STREAMS = 3

/** enum stream_flags, without STREAM_. */
export const STREAM_FLAGS = { isStdin: 1, isStdout: 2, nameTruncated: 4, nameUnreachable: 8 } as const

/** The stream that was read last. */
export class StreamRecord {
  /** i_mode; 0 for a descriptor that is closed. */
  mode = 0
  inodeLow = 0
  inodeHigh = 0
  /** Bits of STREAM_FLAGS. */
  flags = 0
  readonly socket = new SocketFacts()
  /** A walked path, or the name of a unix socket. */
  nameStart = 0
  nameEnd = 0

  /** Reads the stream at `at`, which lies within the record; its name begins at `nameStart`. */
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

  /** False for a record that is malformed. */
  isNameWhole(bytes: Uint8Array): boolean {
    return this.nameEnd <= bytes.length && (this.socket.isKnown || isWalkedPath(bytes, this.nameStart, this.nameEnd))
  }

  /** Number of the stream that leads to the same open file; null when this one tells itself. */
  get sameAs(): number | null {
    if ((this.flags & STREAM_FLAGS.isStdin) !== 0) return 0
    return (this.flags & STREAM_FLAGS.isStdout) !== 0 ? 1 : null
  }

  get isNameTruncated(): boolean {
    return (this.flags & STREAM_FLAGS.nameTruncated) !== 0
  }

  /** Stands in no folder, or in one outside of the root of the process. */
  get isNameUnreachable(): boolean {
    return (this.flags & STREAM_FLAGS.nameUnreachable) !== 0
  }
}
