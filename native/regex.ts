// Regular expressions of RE2 (Debian's libre2) over bytes. They run in time linear in the text, so no rule can block a partition.
// Texts are bytes that mean UTF-8: each invalid part counts as one U+FFFD, as Node's decoder replaces it. Valid bytes are matched in place.
// An addon of its own: rules are evaluated where there is no libbpf. Knows nothing of rules.
import type { Regex, RegexSet } from './addon.js'
import { loadRegexAddon } from './index.js'

export type { Regex, RegexSet } from './addon.js'
export { RegexUnavailableError } from './index.js'

/** How an expression is compiled. */
export interface RegexOptions {
  /** The whole text must match, not a part of it. Default false. */
  readonly isWhole?: boolean
  /** Memory for the program and the states that RE2 caches, 64 KiB to 1 GiB; default 8 MiB. A pattern whose program is larger is refused. */
  readonly maxBytes?: number
}

const DEFAULT_MAX_BYTES = 8 << 20
const MIN_BYTES = 64 << 10
const MAX_BYTES = 1 << 30
const MAX_SET_PATTERNS = 1_000
const MAX_SET_PATTERN_BYTES = 64 << 10

/** @param pattern Unicode text @throws Error with what RE2 says of a pattern that it refuses */
export function compileRegex(pattern: string, options: RegexOptions = {}): Regex {
  return loadRegexAddon().compileRegex(pattern, options.isWhole ?? false, bytesOf(options))
}

/**
 * At most 1,000 patterns of 64 KiB together. A match takes time linear in the text while the states it meets fit in `maxBytes`. Unanchored patterns such as
 * `.*x1.*y` multiply each other's states: RE2 then discards and rebuilds its cache, and a byte of the text costs up to the program of the whole set.
 * Nothing interrupts a match: use a set only for patterns that are trusted or bounded more narrowly, and bound the texts.
 * @throws RangeError above a bound; Error that names the index of a pattern that RE2 refuses, or says that the patterns are too large together
 */
export function compileRegexSet(patterns: readonly string[], options: RegexOptions = {}): RegexSet {
  if (patterns.length > MAX_SET_PATTERNS) {
    throw new RangeError(`a set has at most ${String(MAX_SET_PATTERNS)} patterns, found ${String(patterns.length)}`)
  }
  const bytes = patterns.reduce((sum, pattern) => sum + Buffer.byteLength(pattern), 0)
  if (bytes > MAX_SET_PATTERN_BYTES) {
    throw new RangeError(`the patterns of a set have at most ${String(MAX_SET_PATTERN_BYTES)} bytes together, found ${String(bytes)}`)
  }
  return loadRegexAddon().compileRegexSet(patterns, options.isWhole ?? false, bytesOf(options))
}

function bytesOf({ maxBytes = DEFAULT_MAX_BYTES }: RegexOptions): number {
  if (Number.isInteger(maxBytes) && maxBytes >= MIN_BYTES && maxBytes <= MAX_BYTES) return maxBytes
  throw new RangeError(`maxBytes must be ${String(MIN_BYTES)} to ${String(MAX_BYTES)}`)
}
