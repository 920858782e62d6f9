// Evaluates paths for which the probes have no verdict: the open carries a ticket, and the verdict goes back to the kernel.
// Sits between the handler of opens and the filters. The open itself is reported in any case.
import { TICKET_OF_ARGUMENT } from '../../native/generated/layout.js'
import { type OpenRecord, openWay } from '../ring-events/file-records.js'
import { pathOfWalked } from '../ring-events/record-texts.js'
import { compileGlob, lowerAscii } from '../../infra/text/glob.js'
import type { PathPattern } from '../../infra/watch-plan/watch-plan.js'
import type { LocatedPath } from '../mounts/host-paths.js'
import type { EventSource } from '../source/event-source.js'

/** One character per byte: a path may be invalid UTF-8. */
type ByteText = string
type Fits = (path: ByteText) => boolean

/** Matches when any of its patterns matches. */
export class PathMatcher {
  readonly #patterns: readonly Fits[]

  constructor(patterns: readonly PathPattern[]) {
    this.#patterns = patterns.map(fitsOf)
  }

  matches(path: ByteText): boolean {
    return this.#patterns.some((fits) => fits(path))
  }
}

function fitsOf({ kind, text, ignoresCase }: PathPattern): Fits {
  const bytes = Buffer.from(text).toString('latin1')
  if (ignoresCase !== true) return exactly(kind, bytes)
  const fits = exactly(kind, lowerAscii(bytes))
  return (path) => /[\x80-\xff]/.test(path) || fits(lowerAscii(path))
}

function exactly(kind: PathPattern['kind'], text: ByteText): Fits {
  switch (kind) {
    case 'path':
      return (path) => path === text
    case 'prefix':
      return (path) => path.startsWith(text)
    case 'suffix':
      return (path) => path.endsWith(text)
    case 'part':
      return (path) => path.includes(text)
    case 'name':
      return (path) => path.slice(path.lastIndexOf('/') + 1) === text
    case 'glob':
      return compileGlob(text)
  }
}

/**
 * Whether opens of a path are wanted. @param argument the path as the call gave it, empty when it could not be read; null for any: whether the path is
 * wanted with some argument @param way bits of OPEN_WAY
 */
export type WantsPath = (path: ByteText, argument: ByteText | null, way: number) => boolean

/** @see KernelSession.setPathVerdict */
export class PathVerdicts {
  /** Answered tickets. */
  evaluated = 0
  /** Null while no path is evaluated. */
  wants: WantsPath | null = null
  readonly #source: Pick<EventSource, 'setPathVerdict'>

  constructor(source: Pick<EventSource, 'setPathVerdict'>) {
    this.#source = source
  }

  /** A truncated path is always wanted, because it could match anything. @param located the path is wanted under either of its names */
  evaluate(
    bytes: Uint8Array,
    { path, flags, isCreated, mode, ticketLow, ticketHigh }: OpenRecord,
    located: LocatedPath | null = null,
  ): void {
    if (this.wants === null) return
    const { start, pathEnd, argumentEnd, isPathTruncated } = path
    const walked = pathOfWalked(bytes, start, pathEnd, isPathTruncated)
    const whole = byteText(walked)
    const argument = (ticketLow & TICKET_OF_ARGUMENT) === 0 ? null : byteText(bytes.subarray(pathEnd, argumentEnd))
    const way = openWay((flags % 2 ** 32) | 0, isCreated, mode)
    this.evaluated++
    const hostPath = located?.hostPath ?? null
    const isWanted = this.wants(whole, argument, way) || (hostPath !== null && this.wants(byteText(hostPath), argument, way))
    this.#source.setPathVerdict?.(ticketLow, ticketHigh, isPathTruncated || isWanted)
  }
}

function byteText(bytes: Uint8Array): ByteText {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}
