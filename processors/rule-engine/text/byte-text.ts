// Text as the engine sees it: the bytes of UTF-8, held as a string with one character per byte. Names, paths and arguments are bytes
// to the kernel and to Falco (C strings): so lengths, globs and orders come out right, and bytes that are no UTF-8 keep their value.
// ASCII text, which is nearly all of it, is the same string in both forms.
import { lowerAscii } from '../../../infra/text/glob.js'

// eslint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/

/** Up to this length a loop is faster than the call of an expression. */
const SHORT = 100

/** True when every character is ASCII: then Unicode text and byte text are the same. Asked for every text of every event. */
export function isAscii(text: string): boolean {
  if (text.length > SHORT) return ASCII_ONLY.test(text)
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Unicode text to one character per byte of its UTF-8 form. */
export function toByteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** One character per byte back to Unicode text; bytes that are no UTF-8 become U+FFFD. */
export function fromByteText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Bytes to one character per byte. */
export function byteTextOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

// Text without its case, for comparisons of whole languages (Sigma), not of C strings. Bytes that are no UTF-8 keep their value.

/** Lower case of byte text, of all letters of Unicode. A sigma is one letter, also at the end of a word, where JavaScript gives it another form. */
export function casefold(bytes: string): string {
  if (isLowerAscii(bytes)) return bytes
  if (isAscii(bytes)) return bytes.toLowerCase()
  const text = fromByteText(bytes)
  return text.includes('\ufffd') ? lowerAscii(bytes) : toByteText(text.toLowerCase().replaceAll('ς', 'σ'))
}

/** True for most paths and names: nothing to do, found out without a call. */
function isLowerAscii(bytes: string): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at)
    if (byte > 0x7f || (byte >= 0x41 && byte <= 0x5a)) return false
  }
  return true
}
