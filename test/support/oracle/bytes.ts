// Byte text: a string with one character per byte, so that texts that are not UTF-8 can be compared.

/** The UTF-8 bytes of a Unicode text. */
export function toBytes(text: string): string {
  return Buffer.from(text, 'utf8').toString('latin1')
}

/** The Unicode text of UTF-8 bytes. */
export function fromBytes(bytes: string): string {
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
