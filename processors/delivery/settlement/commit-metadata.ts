// What is stored with a committed offset: the epoch of the settlement store, and the settled ranges above the offset, in few bytes.
// A group has it, whatever happens to the store.
import type { OffsetRange } from '../../../infra/topic-log/topic-log.js'

/** What the metadata of a commit say. */
export interface CommitMetadata {
  /** Of the settlement store at that time. */
  readonly epoch: string
  /** Settled, in order, all above the committed offset. */
  readonly settled: readonly OffsetRange[]
}

// Version, epoch, gaps and lengths in turn: "1EPOCH.gaplengthgaplength".
const VERSION = '1'
const SHAPE = /^1(?<epoch>[A-Za-z0-9_-]{1,32})\.(?<ranges>[A-Za-z0-9_-]*)$/
const DIGITS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Each digit has five bits, the lowest first; the sixth says that another one follows. */
const CONTINUED = 32

/** @param nextOffset the committed offset, which is not settled; ranges below it are left out */
export function encodeMetadata({ epoch, settled }: CommitMetadata, nextOffset: number): string {
  let text = `${VERSION}${epoch}.`
  let at = nextOffset
  for (const [from, to] of settled) {
    if (to <= at) continue
    const start = Math.max(from, at)
    text += digitsOf(start - at) + digitsOf(to - start)
    at = to
  }
  return text
}

/** @returns null for anything that is not such metadata */
export function decodeMetadata(text: string, nextOffset: number): CommitMetadata | null {
  const parts = SHAPE.exec(text)?.groups
  if (parts === undefined) return null
  const numbers = numbersOf(parts['ranges'] ?? '')
  if (numbers === null || numbers.length % 2 !== 0) return null
  const settled: OffsetRange[] = []
  let at = nextOffset
  for (let index = 0; index < numbers.length; index += 2) {
    const from = at + (numbers[index] ?? 0)
    at = from + (numbers[index + 1] ?? 0)
    settled.push([from, at])
  }
  return Number.isSafeInteger(at) ? { epoch: parts['epoch'] ?? '', settled } : null
}

function digitsOf(value: number): string {
  let text = ''
  for (let rest = value; ;) {
    const digit = rest % CONTINUED
    rest = Math.floor(rest / CONTINUED)
    text += DIGITS.charAt(rest > 0 ? digit + CONTINUED : digit)
    if (rest === 0) return text
  }
}

function numbersOf(text: string): number[] | null {
  const numbers: number[] = []
  let [value, scale] = [0, 1]
  for (const char of text) {
    const digit = DIGITS.indexOf(char)
    value += (digit % CONTINUED) * scale
    scale *= CONTINUED
    if (digit >= CONTINUED) continue
    if (!Number.isSafeInteger(value)) return null
    numbers.push(value)
    ;[value, scale] = [0, 1]
  }
  return scale === 1 ? numbers : null
}
