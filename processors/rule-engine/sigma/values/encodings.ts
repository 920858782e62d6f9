// The modifiers that encode a value: base64 at any position of what is encoded around it, and UTF-16. Bytes in, bytes out (byte text).
import { fromByteText } from '../../text/byte-text.js'

const bytesOf = (text: string): Buffer => Buffer.from(text, 'latin1')

/** UTF-16 little endian. */
export function utf16le(text: string): string {
  return Buffer.from(fromByteText(text), 'utf16le').toString('latin1')
}

/** UTF-16 big endian. */
export function utf16be(text: string): string {
  return Buffer.from(fromByteText(text), 'utf16le').swap16().toString('latin1')
}

/** UTF-16 little endian behind a byte order mark. */
export function utf16(text: string): string {
  return `\xff\xfe${utf16le(text)}`
}

export function base64(text: string): string {
  return bytesOf(text).toString('base64')
}

/**
 * The parts that are the same whatever is encoded before and behind the text, for the three positions that its first byte can have in a
 * group of three. Of each, the characters that also hold bits of a neighbour are cut off.
 */
export function base64Offsets(text: string): string[] {
  return [0, 1, 2].map((shift) => {
    const bits = shift * 8
    const encoded = Buffer.concat([Buffer.alloc(shift), bytesOf(text)]).toString('base64')
    const firstWhole = Math.ceil(bits / 6)
    const wholeEnd = Math.floor((bits + text.length * 8) / 6)
    return encoded.slice(firstWhole, wholeEnd)
  })
}
