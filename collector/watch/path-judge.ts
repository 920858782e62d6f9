// Judges the paths that the probes have no verdict on: the open came with a ticket, and the answer goes back to the kernel.
// Stands between the handler of opens and the filters; the open itself is told in any case.
import type { OpenRecord } from '../ring-events/file-records.js'
import { openWay } from '../ring-events/file-records.js'
import { pathOfWalked } from '../ring-events/record-texts.js'
import type { EventSource } from '../source/event-source.js'
import type { ByteText } from './path-matcher.js'

/** Whether opens of a path are wanted. @param argument the path as the call gave it; empty when it was not to be read @param way bits of OPEN_WAY */
export type WantsPath = (path: ByteText, argument: ByteText, way: number) => boolean

/** @see KernelSession.judgePath */
export class PathJudge {
  /** Tickets that were answered. */
  judged = 0
  /** Null while no path is judged. */
  wants: WantsPath | null = null
  readonly #source: Pick<EventSource, 'judgePath'>

  constructor(source: Pick<EventSource, 'judgePath'>) {
    this.#source = source
  }

  /** A path that lost its beginning could be any: it is told. */
  judge(bytes: Uint8Array, { path, flags, isCreated, ticketLow, ticketHigh }: OpenRecord): void {
    if (this.wants === null) return
    const { start, pathEnd, argumentEnd, isPathTruncated } = path
    const walked = pathOfWalked(bytes, start, pathEnd, isPathTruncated)
    const whole = byteText(walked)
    const argument = byteText(bytes.subarray(pathEnd, argumentEnd))
    const way = openWay((flags % 2 ** 32) | 0, isCreated)
    this.judged++
    this.#source.judgePath?.(ticketLow, ticketHigh, isPathTruncated || this.wants(whole, argument, way))
  }
}

function byteText(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
