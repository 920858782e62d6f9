// Byte text, the engine's form of text: the bytes of UTF-8 as a string with one character per byte. Names, paths and arguments are bytes to the kernel
// and to Falco (C strings), so lengths, globs and orders are right, and bytes that are not UTF-8 keep their value. ASCII text, which is nearly all
// text, is the same string in both forms.
import { lowerAscii } from '../../../infra/text/glob.js'

// eslint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/

/** Up to this length, a loop is faster than a regular expression. */
const SHORT = 100

/** Whether every character is ASCII: then Unicode text and byte text are the same. Called for every text of every event. */
export function isAscii(text: string): boolean {
  if (text.length > SHORT) return ASCII_ONLY.test(text)
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return true
}

/** Converts Unicode text to byte text. */
export function toByteText(text: string): string {
  return isAscii(text) ? text : Buffer.from(text, 'utf8').toString('latin1')
}

/** Converts byte text to Unicode text; bytes that are not UTF-8 become U+FFFD. */
export function fromByteText(bytes: string): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8')
}

/** Converts bytes to byte text. */
export function byteTextOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Lower case of byte text, for all Unicode letters. A sigma at the end of a word is an ordinary sigma, unlike in JavaScript. */
export function casefold(bytes: string): string {
  if (isLowerAscii(bytes)) return bytes
  if (isAscii(bytes)) return bytes.toLowerCase()
  const text = fromByteText(bytes)
  return text.includes('\ufffd') ? lowerAscii(bytes) : toByteText(text.toLowerCase().replaceAll('ς', 'σ'))
}

/** Whether the text is lower-case ASCII already, as most paths and names are. */
function isLowerAscii(bytes: string): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes.charCodeAt(at)
    if (byte > 0x7f || (byte >= 0x41 && byte <= 0x5a)) return false
  }
  return true
}
