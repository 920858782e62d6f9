// struct exec_event of bpf/event.h: KIND_EXEC, and KIND_TASK of the task iterator, which has the same layout.
import { EVENT_HEADER_BYTES } from './event-header.js'
import { TASK_FACTS_BYTES } from './task-facts.js'
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
} as const

/** sizeof(struct exec_event). */
export const EXEC_EVENT_BYTES = EVENT_HEADER_BYTES + TASK_FACTS_BYTES + 24

/** Where the texts of the record lie that was read last. */
export class ExecRecord {
  factsAt = 0
  argsStart = 0
  argsEnd = 0
  argsTotal = 0
  exePathEnd = 0
  cwdEnd = 0
  filenameEnd = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < EXEC_EVENT_BYTES) return false
    this.factsAt = at + EXEC_EVENT.facts
    this.argsStart = at + EXEC_EVENT_BYTES
    this.argsEnd = this.argsStart + view.getUint32(at + EXEC_EVENT.argsLength, true)
    this.argsTotal = view.getUint32(at + EXEC_EVENT.argsTotal, true)
    this.exePathEnd = this.argsEnd + view.getUint32(at + EXEC_EVENT.exePathLength, true)
    this.cwdEnd = this.exePathEnd + view.getUint32(at + EXEC_EVENT.cwdLength, true)
    this.filenameEnd = this.cwdEnd + view.getUint32(at + EXEC_EVENT.filenameLength, true)
    this.textFlags = view.getUint32(at + EXEC_EVENT.textFlags, true)
    return (
      this.filenameEnd <= at + length &&
      isWalkedPath(bytes, this.argsEnd, this.exePathEnd) &&
      isWalkedPath(bytes, this.exePathEnd, this.cwdEnd)
    )
  }
}
