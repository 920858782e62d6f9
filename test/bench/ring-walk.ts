// The least that a reader of a ring does per record: length from the ring header, kind from the record. For benches.
import type { RingSpan } from '../../native/rings.js'

/** Walks the records of a span; returns how many of them are events. */
export function readSpanHeaders(view: DataView, span: RingSpan): number {
  let events = 0
  for (let at = span.startOffset; at < span.endOffset;) {
    const header = view.getUint32(at, true)
    if ((header & 0x40000000) === 0 && view.getUint16(at + 8, true) !== 0) events++
    at += ((header & 0x3fffffff) + 15) & ~7
  }
  return events
}
