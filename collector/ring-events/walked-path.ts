// A path as a program walked it: components from the last to the first, each NUL-terminated ("passwd\0etc\0" is /etc/passwd).
// Knows nothing of events; turned around here into the path that people write.

const SLASH = 0x2f

/** Length of the path that the walked path of `length` bytes stands for. One that was cut has no leading slash: its beginning is missing. */
export function walkedPathLength(length: number, isTruncated: boolean): number {
  if (length === 0) return isTruncated ? 0 : 1
  return isTruncated ? length - 1 : length
}

/** True when the bytes are whole components: a walked path ends with a NUL, or is empty. */
export function isWalkedPath(bytes: Uint8Array, start: number, end: number): boolean {
  return start === end || bytes[end - 1] === 0
}

/**
 * Writes the path that walked[start, end) stands for into target at `at`, which has room for walkedPathLength bytes.
 * @returns all bytes of the path or-ed: below 0x80 it is ASCII
 */
export function turnWalkedPath(
  walked: Uint8Array,
  start: number,
  end: number,
  isTruncated: boolean,
  target: Uint8Array,
  at: number,
): number {
  if (start === end) {
    if (!isTruncated) target[at] = SLASH
    return 0
  }
  let seen = 0
  // Where the component that comes next ends in the target; the walked bytes are one longer than a path without a leading slash.
  let behind = at + walkedPathLength(end - start, isTruncated)
  let from = start
  while (from < end) {
    let to = from
    while (to < end && walked[to] !== 0) to++
    let out = behind - (to - from)
    behind = out - 1
    if (behind >= at) target[behind] = SLASH
    while (from < to) {
      const byte = walked[from++] as number
      seen |= byte
      target[out++] = byte
    }
    from = to + 1
  }
  return seen
}

/** The path as bytes of its own. */
export function pathOfWalked(walked: Uint8Array, start: number, end: number, isTruncated: boolean): Uint8Array {
  const path = new Uint8Array(walkedPathLength(end - start, isTruncated))
  turnWalkedPath(walked, start, end, isTruncated, path, 0)
  return path
}
