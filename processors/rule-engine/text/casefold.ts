// Text without its case, for comparisons of whole languages (Sigma), not of C strings. Bytes that are no UTF-8 keep their value.
import { fromByteText, isAscii, toByteText } from './byte-text.js'
import { lowerAscii } from './glob.js'

/** Lower case of byte text, of all letters of Unicode. A sigma is one letter, also at the end of a word, where JavaScript gives it another form. */
export function casefold(bytes: string): string {
  if (isAscii(bytes)) return bytes.toLowerCase()
  const text = fromByteText(bytes)
  return text.includes('\ufffd') ? lowerAscii(bytes) : toByteText(text.toLowerCase().replaceAll('ς', 'σ'))
}
