// The operator `regex`: RE2, anchored at both ends. RE2 runs in linear time, so no rule can block a partition. Only this file knows re2.
import RE2 from 're2'
import { messageOf } from '../../../infra/errors.js'
import { fromByteText } from './byte-text.js'
import { lowerAscii } from './glob.js'
import { requiredLiteral } from './required-literal.js'
import type { RequiredLiteral } from './required-literal.js'

/** A matcher of byte text (bytes that are no UTF-8 count as U+FFFD), or what is wrong with the pattern. */
export function compileRegularExpression(pattern: string): ((text: string) => boolean) | { readonly problem: string } {
  try {
    // By itself first: a parenthesis too many must not close the group that the pattern is put in.
    new RE2(fromByteText(pattern), 'u')
    return matcherOf([pattern])
  } catch (error) {
    return { problem: `invalid regex pattern: ${messageOf(error)}` }
  }
}

/** A matcher that takes what any of the patterns does, in one run. @param patterns each accepted by {@link compileRegularExpression} */
export function compileAnyRegularExpression(patterns: readonly string[]): (text: string) => boolean {
  try {
    return matcherOf(patterns)
  } catch {
    // Together they are larger than RE2 takes.
    const matchers = patterns.map((pattern) => matcherOf([pattern]))
    return (text) => matchers.some((matches) => matches(text))
  }
}

function matcherOf(patterns: readonly string[]): (text: string) => boolean {
  const expression = new RE2(`^(?:${patterns.map((pattern) => `(?:${fromByteText(pattern)})`).join('|')})$`, 'u')
  const mayMatch = literalFilter(patterns.map((pattern) => requiredLiteral(pattern)))
  return (text) => mayMatch(text) && expression.test(fromByteText(text))
}

// eslint-disable-next-line no-control-regex
const ASCII_ONLY = /^[\x00-\x7f]*$/

/** False for texts that no pattern can match, because none of their literals is in them. */
function literalFilter(literals: readonly (RequiredLiteral | null)[]): (text: string) => boolean {
  const known = literals.filter((literal) => literal !== null)
  if (known.length < literals.length) return () => true
  const exact = known.filter(({ ignoresCase }) => !ignoresCase).map(({ text }) => text)
  const folded = known.filter(({ ignoresCase }) => ignoresCase).map(({ text }) => text)
  return (text) => {
    if (exact.some((literal) => text.includes(literal))) return true
    if (folded.length === 0) return false
    // Letters beyond ASCII may fold to those of the literal (the sign of Kelvin is a k).
    if (!ASCII_ONLY.test(text)) return true
    const lower = lowerAscii(text)
    return folded.some((literal) => lower.includes(literal))
  }
}

/** What a match is replaced with: texts, and groups by number or name. */
export type ReplacementPart = string | { readonly group: number | string }

/** Replaces every match in Unicode text, or says what is wrong with the pattern or the replacement. A group that took no part is empty. */
export function compileReplacement(
  pattern: string,
  replacement: readonly ReplacementPart[],
): ((text: string) => string) | { readonly problem: string } {
  try {
    const expression = new RE2(pattern, 'gu')
    const groups = new RE2(`(?:${pattern})|`, 'u').exec('')
    const count = (groups?.length ?? 1) - 1
    const names: object = groups?.groups ?? {}
    const unknown = replacement.find((part) => typeof part !== 'string' && !isGroup(part.group, count, names))
    if (unknown !== undefined && typeof unknown !== 'string') return { problem: `the pattern has no group '${String(unknown.group)}'` }
    // A template and no function: with one, RE2 takes a time that grows with the square of the text.
    const template = replacement.map(templatePart).join('')
    return (text) => expression.replace(text, template)
  } catch (error) {
    return { problem: `invalid regex pattern: ${messageOf(error)}` }
  }
}

function isGroup(group: number | string, count: number, names: object): boolean {
  return typeof group === 'number' ? group <= count : Object.hasOwn(names, group)
}

function templatePart(part: ReplacementPart): string {
  if (typeof part === 'string') return part.replaceAll('$', '$$$$')
  if (typeof part.group === 'string') return `$<${part.group}>`
  return part.group === 0 ? '$&' : `$${String(part.group).padStart(2, '0')}`
}
