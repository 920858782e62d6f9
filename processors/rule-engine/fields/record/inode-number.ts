// Inode numbers: 64 bits, so records hold them as decimal text.
import { wholeNumber } from '../field-value.js'

/** undefined for null, and for what is no number. */
export function inodeNumber(text: string | null): number | bigint | undefined {
  return text === null || !/^[0-9]{1,20}$/.test(text) ? undefined : wholeNumber(BigInt(text))
}
