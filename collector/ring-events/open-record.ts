// struct open_event of bpf/record/event.h: KIND_OPEN, by far the most frequent record. header.result is the descriptor or a negative errno.
import { EVENT_HEADER_BYTES, low52BitsAt } from './event-header.js'
import { PathSpan } from './path-span.js'

/** Offsets within struct open_event. */
export const OPEN_EVENT = {
  flags: 72,
  inode: 80,
  device: 88,
  mode: 92,
  openFlags: 96,
  pathLength: 100,
  argumentLength: 104,
  textFlags: 108,
} as const

/** sizeof(struct open_event). */
export const OPEN_EVENT_BYTES = EVENT_HEADER_BYTES + 40

/** OPEN_CREATED: FMODE_CREATED. */
export const OPEN_CREATED = 1

/** OPEN_HAS_TICKET: nobody has judged the path yet. */
const OPEN_HAS_TICKET = 2
const TICKET_BYTES = 8

/** The open that was read last. */
export class OpenRecord {
  /** open(2) flags; of openat2's 64 bits the low 52. */
  flags = 0
  inodeLow = 0
  inodeHigh = 0
  device = 0
  mode = 0
  isCreated = false
  /** Comes with a ticket, by which the probes learn whether its path is told. */
  hasTicket = false
  ticketLow = 0
  ticketHigh = 0
  readonly path = new PathSpan()

  /** Behind the texts. */
  #readTicket(view: DataView, end: number): boolean {
    const at = this.path.argumentEnd
    if (at + TICKET_BYTES > end) return false
    this.ticketLow = view.getUint32(at, true)
    this.ticketHigh = view.getUint32(at + 4, true)
    return true
  }

  /** Reads the record at `at`. @returns false when it is malformed */
  read(bytes: Uint8Array, view: DataView, at: number, length: number): boolean {
    if (length < OPEN_EVENT_BYTES) return false
    this.flags = low52BitsAt(view, at + OPEN_EVENT.flags)
    this.inodeLow = view.getUint32(at + OPEN_EVENT.inode, true)
    this.inodeHigh = view.getUint32(at + OPEN_EVENT.inode + 4, true)
    this.device = view.getUint32(at + OPEN_EVENT.device, true)
    this.mode = view.getUint32(at + OPEN_EVENT.mode, true)
    const openFlags = view.getUint32(at + OPEN_EVENT.openFlags, true)
    this.isCreated = (openFlags & OPEN_CREATED) !== 0
    this.hasTicket = (openFlags & OPEN_HAS_TICKET) !== 0
    const { path } = this
    path.set(
      at + OPEN_EVENT_BYTES,
      view.getUint32(at + OPEN_EVENT.pathLength, true),
      view.getUint32(at + OPEN_EVENT.argumentLength, true),
      view.getUint32(at + OPEN_EVENT.textFlags, true),
    )
    return path.argumentEnd <= at + length && path.isWhole(bytes) && (!this.hasTicket || this.#readTicket(view, at + length))
  }
}
