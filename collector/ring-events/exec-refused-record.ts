// struct exec_refused_event of bpf/record/event.h: KIND_EXEC_REFUSED. The header is the caller's, its result the negative errno.
import { EVENT_HEADER_BYTES } from './event-header.js'

/** Offsets within struct exec_refused_event. */
export const EXEC_REFUSED_EVENT = { argsLength: 72, argsTotal: 76, filenameLength: 80, textFlags: 84 } as const

/** sizeof(struct exec_refused_event). */
export const EXEC_REFUSED_EVENT_BYTES = EVENT_HEADER_BYTES + 16

/** Where the texts of the record lie that was read last. */
export class ExecRefusedRecord {
  argsStart = 0
  argsEnd = 0
  argsTotal = 0
  filenameEnd = 0
  textFlags = 0

  /** Reads the record at `at`. @returns false when it is malformed */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EXEC_REFUSED_EVENT_BYTES) return false
    this.argsStart = at + EXEC_REFUSED_EVENT_BYTES
    this.argsEnd = this.argsStart + view.getUint32(at + EXEC_REFUSED_EVENT.argsLength, true)
    this.argsTotal = view.getUint32(at + EXEC_REFUSED_EVENT.argsTotal, true)
    this.filenameEnd = this.argsEnd + view.getUint32(at + EXEC_REFUSED_EVENT.filenameLength, true)
    this.textFlags = view.getUint32(at + EXEC_REFUSED_EVENT.textFlags, true)
    return this.filenameEnd <= at + length
  }
}
