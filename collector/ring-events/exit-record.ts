// struct exit_event of bpf/record/event.h: KIND_EXIT, when the last thread of a process is gone.
import { EVENT_HEADER_BYTES } from './event-header.js'

/** Offsets within struct exit_event. */
export const EXIT_EVENT = { exitCode: 72 } as const

/** sizeof(struct exit_event). */
export const EXIT_EVENT_BYTES = EVENT_HEADER_BYTES + 8

/** How the process of the record that was read last ended. */
export class ExitRecord {
  /** Status 0..255; meaningless when a signal ended it. */
  status = 0
  /** Signal that ended it; 0 for none. */
  signal = 0
  coreDumped = false

  /** Reads the record at `at`. @returns false when it is malformed @see wait(2) for the bits */
  read(view: DataView, at: number, length: number): boolean {
    if (length < EXIT_EVENT_BYTES) return false
    const code = view.getUint32(at + EXIT_EVENT.exitCode, true)
    this.signal = code & 0x7f
    this.coreDumped = (code & 0x80) !== 0
    this.status = (code >>> 8) & 0xff
    return true
  }
}
