// The operator `regex`: RE2, anchored at both ends. RE2 runs in linear time, so no rule can block a partition. Of processors/, only this file
// imports native/regex.ts.
import { messageOf } from '../../../infra/process/errors.js'
import { compileRegex, RegexUnavailableError, type Regex } from '../../../native/regex.js'
import { fromByteText } from './byte-text.js'
import { requirementOf, type Requirement } from './required-texts.js'

/** A matcher of byte text (bytes that are not UTF-8 count as U+FFFD), or what is wrong with the pattern. */
export function compileRegularExpression(pattern: string): ((text: string) => boolean) | { readonly problem: string } {
  try {
    return matcherOf([pattern], compileRegex(re2Pattern(fromByteText(pattern)), { isWhole: true }))
  } catch (error) {
    return problemOf(error)
  }
}

/** A matcher that takes what any of the patterns does, in one run. @param patterns each accepted by {@link compileRegularExpression} */
export function compileAnyRegularExpression(patterns: readonly string[]): (text: string) => boolean {
  const any = patterns.map((pattern) => `(?:${re2Pattern(fromByteText(pattern))})`).join('|')
  try {
    return matcherOf(patterns, compileRegex(any, { isWhole: true }))
  } catch {
    // Together they are larger than RE2 accepts.
    const matchers = patterns.map((pattern) => matcherOf([pattern], compileRegex(re2Pattern(fromByteText(pattern)), { isWhole: true })))
    return (text) => matchers.some((matches) => matches(text))
  }
}

function matcherOf(patterns: readonly string[], { test }: Regex): (text: string) => boolean {
  const mayMatch = filterOf(patterns.map(requirementOf))
  return (text) => mayMatch(text) && test(text)
}

/** A missing addon is no mistake of the rule. */
function problemOf(error: unknown): { readonly problem: string } {
  if (error instanceof RegexUnavailableError) throw error
  return { problem: `invalid regex pattern: ${messageOf(error)}` }
}

/** Escapes of JavaScript that rules use, as RE2 spells them: \u0041 and \u{41} (a code point), \cA (a control character). Not within \Q and \E. */
function re2Pattern(pattern: string): string {
  return pattern.replace(
    /\\(?:Q[\s\S]*?(?:\\E|$)|u(?:([0-9a-fA-F]{1,4})|(?=\{))|c([A-Z])|[\s\S])/g,
    (escape: string, digits: string | undefined, control: string | undefined) => {
      if (control !== undefined) return `\\x{${(control.charCodeAt(0) - 64).toString(16)}}`
      if (digits !== undefined) return `\\x{${digits}}`
      return escape === '\\u' ? '\\x' : escape
    },
  )
}

/** Most texts that are looked for before an expression is run. */
const MAX_FILTER_TEXTS = 64

/**
 * False for texts that no pattern can match, because they are too short or hold nothing that a match must hold. The search is an expression of
 * JavaScript, of literals alone, so that it takes linear time without a call into native code.
 */
function filterOf(requirements: readonly Requirement[]): (text: string) => boolean {
  const minLength = Math.min(...requirements.map((requirement) => requirement.minLength))
  const texts = requirements.map(({ anyOf }) => anyOf)
  const known = [...new Set(texts.filter((anyOf) => anyOf !== null).flat())]
  if (texts.includes(null) || known.length > MAX_FILTER_TEXTS) return (text) => text.length >= minLength
  const ignoresCase = requirements.some((requirement) => requirement.ignoresCase)
  // Letters beyond ASCII may fold to those of the literal (the sign of Kelvin is a k).
  const search = new RegExp([...known.map(escaped), ...(ignoresCase ? ['[\\x80-\\xff]'] : [])].join('|'), ignoresCase ? 'i' : '')
  return (text) => text.length >= minLength && search.test(text)
}

const escaped = (literal: string): string => literal.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')

/** What a match is replaced with: texts, and groups by number or name. */
export type ReplacementPart = string | { readonly group: number | string }

/** Replaces every match in Unicode text, or says what is wrong with the pattern or the replacement. A group that took no part is empty. */
export function compileReplacement(
  pattern: string,
  replacement: readonly ReplacementPart[],
): ((text: string) => string) | { readonly problem: string } {
  try {
    const regex = compileRegex(re2Pattern(pattern))
    const parts: (Buffer | number)[] = []
    for (const part of replacement) {
      const number = typeof part === 'string' ? Buffer.from(part) : groupNumber(part.group, regex)
      if (number === undefined) return { problem: `the pattern has no group '${String(typeof part === 'string' ? part : part.group)}'` }
      parts.push(number)
    }
    return (text) => replaceAll(regex, Buffer.from(text), parts).toString()
  } catch (error) {
    return problemOf(error)
  }
}

function groupNumber(group: number | string, { groupCount, groupNames }: Regex): number | undefined {
  if (typeof group === 'string') return Object.hasOwn(groupNames, group) ? groupNames[group] : undefined
  return group <= groupCount ? group : undefined
}

/** An empty match is replaced, too; the search then goes on after the next character. */
function replaceAll({ find, groupCount }: Regex, text: Buffer, parts: readonly (Buffer | number)[]): Buffer {
  const offsets = new Int32Array(2 * (groupCount + 1))
  const pieces: Buffer[] = []
  let copied = 0
  let from = 0
  while (from <= text.length && find(text, from, offsets)) {
    const [start = 0, end = 0] = offsets
    pieces.push(text.subarray(copied, start))
    for (const part of parts) {
      if (typeof part !== 'number') pieces.push(part)
      else if ((offsets[2 * part] ?? -1) >= 0) pieces.push(text.subarray(offsets[2 * part], offsets[2 * part + 1]))
    }
    copied = end
    from = end > start ? end : end + characterBytes(text[end] ?? 0)
  }
  pieces.push(text.subarray(copied))
  return Buffer.concat(pieces)
}

/** Of UTF-8, by its first byte. */
function characterBytes(lead: number): number {
  if (lead < 0xc0) return 1
  if (lead < 0xe0) return 2
  return lead < 0xf0 ? 3 : 4
}
