// A judged condition as an indented tree: the verdict of each node in front, the values that it read behind it. For people.
import { printable } from '../../../infra/text/printable.js'
import type { ReadValue, ShownValue, VerdictCheck, VerdictNode } from '../../../processors/rule-engine/evaluate/explain-verdict.js'
import type { Kleene } from '../../../processors/rule-engine/evaluate/kleene.js'
import { fromByteText } from '../../../processors/rule-engine/text/byte-text.js'
import { type Colors, cut } from '../../terminal/terminal-text.js'
import { checkText } from './check-text.js'
import { indentOf } from './condition-lines.js'

/** How a judged tree is shown. */
export interface VerdictStyle {
  readonly width: number
  readonly colors: Colors
  /** Also what was not asked; otherwise one line says how many there are. */
  readonly isWhole: boolean
}

/** Columns of the verdict: `(unknown)` and a blank. */
const VERDICT_WIDTH = 10
const MAX_LINES = 2000
/** Columns of a value that was read, at most. */
const MAX_VALUE = 60
/** Most members of a list that was read. */
const MAX_MEMBERS = 6

/** `true`, `false`, `unknown`. */
export function verdictText(verdict: Kleene): string {
  return verdict === null ? 'unknown' : String(verdict)
}

/** What the lines mean, for whoever sees them for the first time. */
export const VERDICT_LEGEND = 'true, false, or unknown until facts come; (in brackets): not asked, the verdict was settled before'

/** The tree of a condition, a line a part: its verdict, its text, the values that were read. */
export function verdictLines(root: VerdictNode, style: VerdictStyle): string[] {
  const lines: string[] = []
  addLines(root, 0, '', style, lines)
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), `… ${String(lines.length - MAX_LINES)} more lines`]
}

function addLines(node: VerdictNode, depth: number, prefix: string, style: VerdictStyle, lines: string[]): void {
  if (node.kind === 'check') {
    lines.push(checkLine(node, depth, prefix, style))
    return
  }
  const [only] = node.children
  // `not` and its only check are one line, with the verdict of the whole.
  if (node.kind === 'not' && only !== undefined) {
    addLines({ ...only, verdict: node.verdict }, depth, `${prefix}not `, style, lines)
    return
  }
  const text = node.isCut ? `${node.kind} (too large to be shown)` : node.children.length === 0 ? emptyText(node.kind) : node.kind
  lines.push(`${verdictColumn(node, style)}${indentOf(depth)}${prefix}${text}`)
  const shown = style.isWhole ? node.children : node.children.filter((child) => child.isAsked || !node.isAsked)
  for (const child of shown) addLines(child, depth + 1, '', style, lines)
  const left = node.children.length - shown.length
  if (left > 0) lines.push(style.colors.dim(`${''.padEnd(VERDICT_WIDTH)}${indentOf(depth + 1)}${String(left)} more not asked: settled`))
}

const emptyText = (kind: 'and' | 'or' | 'not'): string => (kind === 'and' ? 'always' : 'never')

function verdictColumn({ verdict, isAsked }: VerdictNode, { colors }: VerdictStyle): string {
  const text = verdictText(verdict)
  if (!isAsked) return colors.dim(`(${text})`.padEnd(VERDICT_WIDTH))
  const padded = text.padEnd(VERDICT_WIDTH)
  return verdict === true ? colors.green(padded) : verdict === false ? colors.red(padded) : colors.yellow(padded)
}

function checkLine(node: VerdictCheck, depth: number, prefix: string, style: VerdictStyle): string {
  const { width, colors } = style
  const indent = indentOf(depth) + prefix
  const read = node.read.map(readText).join(', ')
  // Which value of a list matched says nothing new where it is the value that was read.
  const isTold = node.read.length === 1 && node.matching.every((text) => node.read[0]?.values.includes(fromByteText(text)) === true)
  const matching =
    node.matching.length === 0 || isTold ? '' : ` matches ${printable(node.matching.slice(0, 3).map(fromByteText).map(quoted).join(', '))}`
  const behind = `  ← ${read}${cut(matching, 80)}`
  const room = Math.max(30, width - VERDICT_WIDTH - indent.length - behind.length)
  return `${verdictColumn(node, style)}${indent}${checkText(node.check, room)}${colors.cyan(behind)}`
}

/** `proc.name "cat"`; a field that is not there and one that is not known yet say so. */
export function readText({ field, state, values }: ReadValue): string {
  const name = printable(field)
  if (state === 'absent') return `${name} is absent`
  if (state === 'unknown') return `${name} is not known yet`
  const members = values.slice(0, MAX_MEMBERS).map(shownText)
  const text =
    values.length === 1
      ? (members[0] ?? '')
      : `[${members.join(', ')}${values.length > MAX_MEMBERS ? `, … ${String(values.length - MAX_MEMBERS)} more` : ''}]`
  return `${name} ${text}`
}

function shownText(value: ShownValue): string {
  return typeof value === 'string' ? quoted(cut(printable(value), MAX_VALUE)) : String(value)
}

const quoted = (text: string): string => `"${text}"`
