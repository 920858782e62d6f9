// Text without its case, for comparisons of whole languages (Sigma), not of C strings. Bytes that are no UTF-8 keep their value.
import { fromByteText, toByteText } from './byte-text.js'
import { lowerAscii } from './glob.js'

// eslint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/

/** Lower case of byte text, of all letters of Unicode. */
export function casefold(bytes: string): string {
  if (ASCII_ONLY.test(bytes)) return bytes.toLowerCase()
  const text = fromByteText(bytes)
  return text.includes('\ufffd') ? lowerAscii(bytes) : toByteText(text.toLowerCase())
}
