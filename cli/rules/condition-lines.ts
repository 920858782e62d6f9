// A condition as an indented tree, one check a line, with long value lists folded; plain, or evaluated: the verdict in front of each node and
// the values that it read after it.
import type { Expression, ComparisonCheck, ExistsCheck } from '../../processors/rule-engine/language/tree.js'
import type { PartNames } from '../../processors/rule-engine/workbench/explain/condition-tree.js'
import { printCondition } from '../../processors/rule-engine/language/printer.js'
import { printable } from '../../infra/text/printable.js'
import { cut, type Colors } from '../terminal/terminal-text.js'
import type { ReadValue, ShownValue, VerdictCheck, VerdictNode } from '../../processors/rule-engine/evaluate/explain-verdict.js'
import type { Kleene } from '../../processors/rule-engine/evaluate/kleene.js'
import { fromByteText } from '../../processors/rule-engine/text/byte-text.js'

/** How a tree is displayed. */
export interface TreeStyle {
  /** Maximum columns of a line. */
  readonly width: number
  /** Names of macros and lists, shown next to the parts that came from them. */
  readonly names: PartNames
}

/** Maximum indent, in levels: deeper parts stay at this indent, so that a hostile rule can't push everything off the screen. */
const MAX_INDENT = 20
/** Maximum lines of a tree. */
const MAX_LINES = 2000

/** The lines of a condition, with an indent of two spaces per level. */
export function conditionLines(tree: Expression, style: TreeStyle): string[] {
  const lines: string[] = []
  const isWhole = addLines(tree, 0, '', style, lines)
  return isWhole ? lines : [...lines, `… the rest of the tree is left out: more than ${String(MAX_LINES)} lines`]
}

/** Returns false if there was no room for the whole tree. */
function addLines(tree: Expression, depth: number, prefix: string, style: TreeStyle, lines: string[]): boolean {
  if (lines.length >= MAX_LINES) return false
  const indent = indentOf(depth)
  const note = noteOf(tree, style.names)
  switch (tree.kind) {
    case 'and':
    case 'or':
      if (tree.children.length === 0) {
        lines.push(`${indent}${prefix}${tree.kind === 'and' ? 'always' : 'never'}`)
        return true
      }
      lines.push(`${indent}${prefix}${tree.kind}${note}`)
      return tree.children.every((child) => addLines(child, depth + 1, '', style, lines))
    case 'not':
      return addLines(tree.child, depth, `${prefix}not `, style, lines)
    case 'macro':
      lines.push(`${indent}${prefix}macro ${tree.name}`)
      return true
    default:
      lines.push(`${indent}${prefix}${checkText(tree, style.width - indent.length - prefix.length - note.length)}${note}`)
      return true
  }
}

/** The indent of a part at this depth. */
function indentOf(depth: number): string {
  return '  '.repeat(Math.min(depth, MAX_INDENT))
}

/** `  (macro spawned_process)`, `  (list shell_binaries)`; empty for a part without a name. */
function noteOf(tree: Expression, names: PartNames): string {
  const name = names.nameOf(tree)
  return name === null ? '' : `  (${name})`
}

/** Fewer values than this are never folded: they say more than a number. */
const NEVER_FOLDED = 3

/** The check in at most `width` columns where folding can reach that; harmless for a terminal. */
export function checkText(check: ComparisonCheck | ExistsCheck, width: number): string {
  const whole = printable(printCondition(check))
  if (whole.length <= width || check.kind === 'exists' || check.right.kind !== 'values') return cut(whole, Math.max(width, 40))
  const { texts } = check.right
  let shown = ''
  for (let count = NEVER_FOLDED; count < texts.length; count++) {
    const folded = foldedText(check, count, texts.length - count)
    if (shown !== '' && folded.length > width) break
    shown = folded
    if (folded.length > width) break
  }
  return cut(shown === '' ? whole : shown, Math.max(width, 40))
}

function foldedText(check: ComparisonCheck, count: number, others: number): string {
  if (check.right.kind !== 'values') return printCondition(check)
  const texts = check.right.texts.slice(0, count)
  const text = printable(printCondition({ ...check, right: { ...check.right, texts } }))
  return `${text.slice(0, -1)}, … ${String(others)} more)`
}

/** How an evaluated tree is displayed. */
export interface VerdictStyle {
  readonly width: number
  readonly colors: Colors
  /** Show nodes that were not evaluated, too; otherwise one line shows how many there are. */
  readonly isWhole: boolean
}

/** Width of the verdict: `(unknown)` and a space. */
const VERDICT_WIDTH = 10
/** Maximum columns of a value. */
const MAX_VALUE = 60
/** Maximum members of a list. */
const MAX_MEMBERS = 6

/** `true`, `false`, `unknown`. */
export function verdictText(verdict: Kleene): string {
  return verdict === null ? 'unknown' : String(verdict)
}

/** Explains the lines to a first-time reader. */
export const VERDICT_LEGEND = 'true, false, or unknown until facts arrive; (in brackets): not evaluated, the verdict was already settled'

/** The tree of a condition, one line for each part: its verdict, its text, the values that it read. */
export function verdictLines(root: VerdictNode, style: VerdictStyle): string[] {
  const lines: string[] = []
  addVerdictLines(root, 0, '', style, lines)
  if (lines.length <= MAX_LINES) return lines
  return [...lines.slice(0, MAX_LINES), `… ${String(lines.length - MAX_LINES)} more lines`]
}

function addVerdictLines(node: VerdictNode, depth: number, prefix: string, style: VerdictStyle, lines: string[]): void {
  if (node.kind === 'check') {
    lines.push(checkLine(node, depth, prefix, style))
    return
  }
  const [only] = node.children
  // `not` and its only check are one line, with the verdict of the whole.
  if (node.kind === 'not' && only !== undefined) {
    addVerdictLines({ ...only, verdict: node.verdict }, depth, `${prefix}not `, style, lines)
    return
  }
  const text = node.isCut ? `${node.kind} (too large to be shown)` : node.children.length === 0 ? emptyText(node.kind) : node.kind
  lines.push(`${verdictColumn(node, style)}${indentOf(depth)}${prefix}${text}`)
  const shown = style.isWhole ? node.children : node.children.filter((child) => child.isAsked || !node.isAsked)
  for (const child of shown) addVerdictLines(child, depth + 1, '', style, lines)
  const left = node.children.length - shown.length
  if (left > 0)
    lines.push(style.colors.dim(`${''.padEnd(VERDICT_WIDTH)}${indentOf(depth + 1)}${String(left)} more not evaluated: already settled`))
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
  // Which value of a list matched is redundant if it is the value that was read.
  const isShown = node.read.length === 1 && node.matching.every((text) => node.read[0]?.values.includes(fromByteText(text)) === true)
  const matching =
    node.matching.length === 0 || isShown ? '' : ` matches ${printable(node.matching.slice(0, 3).map(fromByteText).map(quoted).join(', '))}`
  const suffix = `  ← ${read}${cut(matching, 80)}`
  const room = Math.max(30, width - VERDICT_WIDTH - indent.length - suffix.length)
  return `${verdictColumn(node, style)}${indent}${checkText(node.check, room)}${colors.cyan(suffix)}`
}

/** `proc.name "cat"`, `proc.name is absent`, `proc.name is not known yet`. */
function readText({ field, state, values }: ReadValue): string {
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
