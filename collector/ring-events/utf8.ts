// Which bytes of a kernel text are valid UTF-8 (RFC 3629).

/** Length of the valid sequence at bytes[at], 1..4; 0 for none. `end` bounds the text. */
export function utf8Sequence(bytes: Uint8Array, at: number, end: number): number {
  const lead = bytes[at] as number
  if (lead < 0x80) return 1
  if (lead < 0xc2 || lead > 0xf4) return 0
  const second = at + 1 < end ? (bytes[at + 1] as number) : 0
  if (lead < 0xe0) return isContinuation(second) ? 2 : 0
  const third = at + 2 < end ? (bytes[at + 2] as number) : 0
  if (lead < 0xf0) {
    // E0 would be overlong below A0, ED a surrogate above 9F.
    const isInRange = second >= (lead === 0xe0 ? 0xa0 : 0x80) && second <= (lead === 0xed ? 0x9f : 0xbf)
    return isInRange && isContinuation(third) ? 3 : 0
  }
  const fourth = at + 3 < end ? (bytes[at + 3] as number) : 0
  // F0 would be overlong below 90, F4 beyond U+10FFFF above 8F.
  const isInRange = second >= (lead === 0xf0 ? 0x90 : 0x80) && second <= (lead === 0xf4 ? 0x8f : 0xbf)
  return isInRange && isContinuation(third) && isContinuation(fourth) ? 4 : 0
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}

/** Number of bytes in bytes[start, end) that are not part of a valid sequence. */
export function invalidUtf8Bytes(bytes: Uint8Array, start: number, end: number): number {
  let invalid = 0
  for (let at = start; at < end;) {
    const length = utf8Sequence(bytes, at, end)
    if (length === 0) invalid++
    at += length === 0 ? 1 : length
  }
  return invalid
}
