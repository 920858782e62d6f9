// A condition as an indented tree, one check a line, for people.
import type { Expression } from '../../../processors/rule-engine/language/tree.js'
import { checkText } from './check-text.js'
import type { PartNames } from '../../../processors/rule-engine/workbench/explain/part-names.js'

/** How a tree is shown. */
export interface TreeStyle {
  /** Columns of a line. */
  readonly width: number
  /** Names of macros and lists, to stand beside what they became. */
  readonly names: PartNames
}

/** Deepest indent, in levels: what is deeper stands below it, so that a hostile rule can't push everything off the screen. */
const MAX_INDENT = 20
/** Most lines of a tree. */
const MAX_LINES = 2000

/** The lines of a condition; two blanks a level. */
export function conditionLines(tree: Expression, style: TreeStyle): string[] {
  const lines: string[] = []
  const isWhole = addLines(tree, 0, '', style, lines)
  return isWhole ? lines : [...lines, `… the rest of the tree is left out: more than ${String(MAX_LINES)} lines`]
}

/** False when there was no room for all of it. */
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

/** Blanks before a part that stands so deep in the tree. */
export function indentOf(depth: number): string {
  return '  '.repeat(Math.min(depth, MAX_INDENT))
}

/** `  (macro spawned_process)`, `  (list shell_binaries)`; empty for a part without a name. */
export function noteOf(tree: Expression, names: PartNames): string {
  const name = names.nameOf(tree)
  return name === null ? '' : `  (${name})`
}
