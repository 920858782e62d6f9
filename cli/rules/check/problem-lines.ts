// Mistakes and doubts of rule files as lines: `FILE:LINE:COLUMN: severity CODE 'item': message`, as compilers print them, so that editors find
// the place. Many warnings of one kind in one file are folded.
import { counted } from '../../../infra/text/counted.js'
import { printable } from '../../../infra/text/printable.js'
import type { LoadResult } from '../../../processors/rule-engine/load/load-rules.js'
import type { Diagnostic } from '../../../processors/rule-engine/read/diagnostics.js'
import type { Colors } from '../../terminal/terminal-text.js'

/** How problems are shown. */
export interface ProblemStyle {
  readonly colors: Colors
  /** Each warning, instead of the first few of a kind. */
  readonly isEach: boolean
}

/** Warnings of one kind in one file that are shown before the rest is folded. */
const SHOWN_OF_A_KIND = 3
/** Most things that are kept out that are named. */
const MAX_KEPT_OUT = 50

/** A line a mistake. */
export function errorLines(errors: readonly Diagnostic<string>[], { colors }: ProblemStyle): string[] {
  return errors.map((error) => problemLine(error, colors.red('error')))
}

/** A line a warning; many of a kind in one file are folded into one unless each is asked for. */
export function warningLines(warnings: readonly Diagnostic<string>[], { colors, isEach }: ProblemStyle): string[] {
  const kinds = new Map<string, Diagnostic<string>[]>()
  for (const warning of warnings) {
    const key = JSON.stringify([warning.place.file, warning.code])
    const kind = kinds.get(key)
    if (kind === undefined) kinds.set(key, [warning])
    else kind.push(warning)
  }
  return [...kinds.values()].flatMap((kind) => {
    const shown = isEach || kind.length <= SHOWN_OF_A_KIND + 1 ? kind : kind.slice(0, SHOWN_OF_A_KIND)
    const lines = shown.map((warning) => problemLine(warning, colors.yellow('warning')))
    const [first] = kind
    const rest = kind.length - shown.length
    if (rest > 0 && first !== undefined)
      lines.push(colors.dim(`${printable(first.place.file)}: ${String(rest)} more ${first.code} (--all shows each)`))
    return lines
  })
}

function problemLine({ code, message, item, place }: Diagnostic<string>, severity: string): string {
  const where = code === 'LOAD_ERR_FILE_READ' ? place.file : `${place.file}:${String(place.line)}:${String(place.column)}`
  return `${printable(where)}: ${severity} ${code} ${item === null ? '' : `${printable(`'${item}'`)}: `}${printable(message)}`
}

/** What is kept out of the set for the mistakes above: rules that rest on something broken are not named by any of them. */
export function keptOutLines({ ruleSet }: Pick<LoadResult, 'ruleSet'>, { colors, isEach }: ProblemStyle): string[] {
  const { quarantined } = ruleSet
  if (quarantined.length === 0) return []
  const shown = isEach ? quarantined : quarantined.slice(0, MAX_KEPT_OUT)
  const lines = shown.map(({ kind, name, error }) => {
    const isOwn = kind === 'file' || error.item === name
    const why = isOwn ? '' : `  rests on '${error.item ?? '?'}' (${error.place.file}:${String(error.place.line)})`
    return `  ${kind} ${printable(kind === 'file' ? name : `'${name}'`)}${printable(why)}`
  })
  const rest = quarantined.length - shown.length
  const head = colors.bold(`kept out of the set, ${counted(quarantined.length, 'rule or file', 'rules and files')}; all others load:`)
  return [head, ...lines, ...(rest > 0 ? [colors.dim(`  ${String(rest)} more (--all names each)`)] : [])]
}
