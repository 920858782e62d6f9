// The replacement of `replace_string`, as Python writes it: `\1`, `\g<1>` and `\g<name>` are groups of the match.
import type { ReplacementPart } from '../../text/regular-expression.js'

/** Longest replacement, characters: it may stand in for each character of a value. */
const MAX_REPLACEMENT = 256
const PART = /\\(?:g<([A-Za-z_]\w*|\d{1,2})>|(\d{1,2})|(.)|$)/gs
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\', n: '\n', t: '\t', r: '\r' }

/** Its parts, or what is wrong with it. */
export function parseReplacement(written: string): readonly ReplacementPart[] | { readonly problem: string } {
  if (written.length > MAX_REPLACEMENT) return { problem: `the replacement is longer than ${String(MAX_REPLACEMENT)} characters` }
  const parts: ReplacementPart[] = []
  let at = 0
  for (const match of written.matchAll(PART)) {
    const [whole, named, numbered, escape] = match
    parts.push(written.slice(at, match.index))
    at = match.index + whole.length
    const group = named ?? numbered
    if (group !== undefined) parts.push({ group: /^\d+$/.test(group) ? Number(group) : group })
    else if (escape !== undefined && Object.hasOwn(ESCAPES, escape)) parts.push(ESCAPES[escape] ?? '')
    else return { problem: `'${whole}' means nothing in a replacement: a backslash is written as two` }
  }
  parts.push(written.slice(at))
  const isAmbiguous = parts.some((part, index) => typeof part === 'string' && /^[0-9]/.test(part) && typeof parts[index - 1] === 'object')
  return isAmbiguous ? { problem: 'a group can not stand right before a digit' } : parts
}
