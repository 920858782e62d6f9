// Output templates of rules: `text %fd.name %proc.aname[2] %toupper(proc.name) %20user.name`. Parsed once, filled for each alert.
import { bindOperand, ConditionProblem } from './bind-operand.js'
import type { BoundOperand } from './bound-tree.js'
import { nearestFieldName, type FieldProblem } from '../fields/catalogue.js'
import { fromByteText, toByteText } from '../text/byte-text.js'
import { parseOperand } from '../language/parser.js'
import { printOperand } from '../language/printer.js'
import { ConditionSyntaxError } from '../language/tokenizer.js'
/** A part of a template: plain text, or a field with the width to which it is padded or cut (null for its own width). */
export type TemplatePart = { readonly kind: 'text'; readonly text: string } | TemplateField
export interface TemplateField {
  readonly kind: 'field'
  /** The field as written in the template: the key of the output field. */
  readonly key: string
  readonly operand: BoundOperand
  readonly width: number | null
}

/** A parsed template, in byte text. */
export interface OutputTemplate {
  readonly parts: readonly TemplatePart[]
}

/** Longest template in bytes: far above any real one. It bounds the work to parse it. */
const MAX_TEMPLATE = 64 * 1024

/** Most fields of one template: ten times the largest real one. */
const MAX_FIELDS = 200

/** Widest field: no template can request gigabytes of blanks. */
const MAX_WIDTH = 4096

/** Longest name that is tried: it bounds the work for a text that is no name. */
const MAX_NAME = 200

/** Falco replaced this with the container's name and id; it is empty now. */
const CONTAINER_INFO = '%container.info'

/**
 * Parses a template.
 * @param text Unicode text from the rule
 * @returns the template, or what is wrong with it
 */
export function parseTemplate(text: string): OutputTemplate | (FieldProblem & { readonly index: number }) {
  const input = toByteText(text.split(CONTAINER_INFO).join(''))
  if (input.length > MAX_TEMPLATE) return { problem: `the output is longer than ${String(MAX_TEMPLATE)} bytes`, index: 0 }
  const parts: TemplatePart[] = []
  let fields = 0
  let at = 0
  while (at < input.length) {
    const percent = input.indexOf('%', at)
    if (percent !== at) parts.push({ kind: 'text', text: input.slice(at, percent < 0 ? undefined : percent) })
    if (percent < 0) break
    const token = parseToken(input.slice(percent + 1))
    if ('problem' in token) return { ...token, index: percent }
    if (++fields > MAX_FIELDS) return { problem: `an output can have at most ${String(MAX_FIELDS)} fields`, index: percent }
    parts.push(token.field)
    at = percent + 1 + token.length
  }
  return { parts }
}

function parseToken(rest: string): { field: TemplateField; length: number } | FieldProblem {
  if (rest === '') return { problem: 'invalid formatting syntax: formatting cannot end with a %' }
  const digits = /^[0-9]*/.exec(rest)?.[0] ?? ''
  const body = rest.slice(digits.length)
  if (body === '') return { problem: 'invalid formatting syntax: formatting cannot end with a number' }
  const width = digits === '' || Number(digits) === 0 ? null : Number(digits)
  if (width !== null && width > MAX_WIDTH) return { problem: `a field can't be wider than ${String(MAX_WIDTH)}` }
  const found = longestOperand(body)
  if ('problem' in found) return found
  return { field: { kind: 'field', key: found.key, operand: found.operand, width }, length: digits.length + found.length }
}

/** The longest prefix of a text that is a known field or transformer. */
function longestOperand(text: string): { operand: BoundOperand; key: string; length: number } | FieldProblem {
  let first: FieldProblem | null = null
  // First the whole text, then the longest possible name and its prefixes.
  const longest = Math.min(/^[a-zA-Z0-9_.]+/.exec(text)?.[0].length ?? 0, MAX_NAME)
  for (let length = text.length; length > 0; length = Math.min(length - 1, longest)) {
    const attempt = tryOperand(text.slice(0, length))
    if (!('problem' in attempt)) return attempt
    first ??= attempt
  }
  const name = fromByteText(text.slice(0, longest))
  const near = nearestFieldName(name)
  const hasHint = first?.unknown?.near !== undefined
  const hint = near === undefined || near === name || hasHint ? '' : ` (did you mean '${near}'?)`
  const token = fromByteText(/^\S+/.exec(text)?.[0].slice(0, MAX_NAME) ?? '')
  return { problem: `invalid formatting token ${token}: ${first?.problem ?? 'it names no field'}${hint}`, unknown: { near } }
}

function tryOperand(text: string): { operand: BoundOperand; key: string; length: number } | FieldProblem {
  try {
    const { operand: parsed, length } = parseOperand(fromByteText(text))
    const operand = bindOperand(parsed)
    if (operand.kind === 'field' && operand.field.definition.isFilterOnly) {
      return { problem: `${operand.field.key} is filter only and cannot be used as a display field` }
    }
    return { operand, key: printOperand(parsed), length }
  } catch (error) {
    if (error instanceof ConditionProblem)
      return { problem: error.message, ...(error.unknown === undefined ? {} : { unknown: error.unknown }) }
    if (error instanceof ConditionSyntaxError) return { problem: error.message }
    throw error
  }
}
