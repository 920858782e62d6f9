// Text without its case, for comparisons of whole languages (Sigma), not of C strings. Bytes that are no UTF-8 keep their value.
import { fromByteText, isAscii, toByteText } from './byte-text.js'
import { lowerAscii } from '../../../infra/text/glob.js'

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
