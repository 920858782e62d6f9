// How the kernel frames records in a ring buffer: an 8-byte header (u32 length with two flag bits, u32 page offset), the record, padding to 8.
// @see kernel/bpf/ringbuf.c, struct bpf_ringbuf_hdr

/** BPF_RINGBUF_HDR_SZ. */
export const RING_HEADER_BYTES = 8
/** BPF_RINGBUF_BUSY_BIT: reserved, not committed. */
export const RING_BUSY = 0x80000000
/** BPF_RINGBUF_DISCARD_BIT: discarded by the program. */
export const RING_DISCARDED = 0x40000000
const LENGTH_MASK = 0x3fffffff

/** Length of the record whose ring header is `header`. */
export function recordLength(header: number): number {
  return header & LENGTH_MASK
}

/** Bytes from one ring header to the next. */
export function framedLength(header: number): number {
  return ((header & LENGTH_MASK) + RING_HEADER_BYTES + 7) & ~7
}

/** Offset of the first ring header in [start, end) whose record exceeds the span or is not committed; -1 when all records are whole. */
export function firstBrokenFrame(view: DataView, start: number, end: number): number {
  let at = start
  while (at < end) {
    if (end - at < RING_HEADER_BYTES) return at
    const header = view.getUint32(at, true)
    const next = at + framedLength(header)
    if ((header & RING_BUSY) !== 0 || next > end) return at
    at = next
  }
  return -1
}
