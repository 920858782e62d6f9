// The operator `regex`: RE2, anchored at both ends. RE2 runs in linear time, so no rule can block a partition. Only this file knows re2.
import RE2 from 're2'
import { messageOf } from '../../../infra/process/errors.js'
import { fromByteText } from './byte-text.js'
import { requirementOf } from './required-texts.js'
import type { Requirement } from './required-texts.js'

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
  const mayMatch = filterOf(patterns.map(requirementOf))
  return (text) => mayMatch(text) && expression.test(fromByteText(text))
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
