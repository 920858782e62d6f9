// struct exec_event of bpf/record/event.h: KIND_EXEC, and KIND_TASK of the task iterator, which has the same layout.
import { EVENT_HEADER_BYTES } from './event-header.js'
import { NAMESPACE_FACTS_BYTES, TASK_FACTS_BYTES } from './task-facts.js'
import { STREAM_FACTS_BYTES, STREAMS, StreamRecord } from './stream-record.js'
import { isWalkedPath } from './walked-path.js'

/** Offsets within struct exec_event. */
export const EXEC_EVENT = {
  facts: EVENT_HEADER_BYTES,
  argsLength: 200,
  argsTotal: 204,
  exePathLength: 208,
  cwdLength: 212,
  filenameLength: 216,
  textFlags: 220,
  namespaces: 224,
  streams: 264,
  environmentLength: 504,
  environmentFlags: 508,
} as const

/** sizeof(struct exec_event). */
export const EXEC_EVENT_BYTES = EVENT_HEADER_BYTES + TASK_FACTS_BYTES + 24 + NAMESPACE_FACTS_BYTES + STREAMS * STREAM_FACTS_BYTES + 8

/** enum environment_flags, without ENVIRONMENT_. */
export const ENVIRONMENT_FLAGS = { read: 1, truncated: 2, fault: 4 } as const

/** Where the texts of the record lie that was read last. */
export class ExecRecord {
  readonly #stream = new StreamRecord()
  factsAt = 0
  namespacesAt = 0
  streamsAt = 0
  argsStart = 0
  argsEnd = 0
  argsTotal = 0
  exePathEnd = 0
  cwdEnd = 0
  filenameEnd = 0
  /** The names of the streams stand between the file name and here. */
  streamsEnd = 0
  /** The variables, each NUL-terminated, stand between the names of the streams and here. */
  environmentEnd = 0
  /** Bits of ENVIRONMENT_FLAGS. */
  environmentFlags = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < EXEC_EVENT_BYTES) return false
    this.factsAt = at + EXEC_EVENT.facts
    this.namespacesAt = at + EXEC_EVENT.namespaces
    this.streamsAt = at + EXEC_EVENT.streams
    this.argsStart = at + EXEC_EVENT_BYTES
    this.argsEnd = this.argsStart + view.getUint32(at + EXEC_EVENT.argsLength, true)
    this.argsTotal = view.getUint32(at + EXEC_EVENT.argsTotal, true)
    this.exePathEnd = this.argsEnd + view.getUint32(at + EXEC_EVENT.exePathLength, true)
    this.cwdEnd = this.exePathEnd + view.getUint32(at + EXEC_EVENT.cwdLength, true)
    this.filenameEnd = this.cwdEnd + view.getUint32(at + EXEC_EVENT.filenameLength, true)
    this.textFlags = view.getUint32(at + EXEC_EVENT.textFlags, true)
    let end = this.filenameEnd
    let areNamesWhole = true
    for (let number = 0; number < STREAMS; number++) {
      this.#stream.read(view, this.streamsAt + number * STREAM_FACTS_BYTES, end)
      end = this.#stream.nameEnd
      areNamesWhole &&= this.#stream.isNameWhole(bytes)
    }
    this.streamsEnd = end
    this.environmentEnd = end + view.getUint32(at + EXEC_EVENT.environmentLength, true)
    this.environmentFlags = view.getUint32(at + EXEC_EVENT.environmentFlags, true)
    return (
      areNamesWhole &&
      this.environmentEnd <= at + length &&
      isWalkedPath(bytes, this.argsEnd, this.exePathEnd) &&
      isWalkedPath(bytes, this.exePathEnd, this.cwdEnd)
    )
  }
}
