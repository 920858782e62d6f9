// The text output of `rules check`. Problems are lines as compilers print them (`FILE:LINE:COLUMN: severity CODE 'item': message`), so that
// editors find the place; many warnings of one kind in a file are folded. Tables count the rules of each file, or of each folder if there are
// many, and list what waiting rules need.
import { columnTable, cut, type Colors } from '../../terminal/terminal-text.js'
import { counted, printable } from '../../../infra/text/printable.js'
import {
  totalCounts,
  type FileCounts,
  type NotLiveRule,
  type RuleCounts,
  type WaitingFor,
} from '../../../processors/rule-engine/workbench/check/load-counts.js'
import type { Diagnostic } from '../../../processors/rule-engine/read/diagnostics.js'
import type { LoadResult } from '../../../processors/rule-engine/load/load-rules.js'

/** Maximum rows of a table. */
const MAX_ROWS = 20
/** Width of the number columns of the first table. */
const NUMBERS_WIDTH = 78
const SKIPPED_WIDTH = 9
const LIVE_NOTE = `EVALUABLE: records hold everything that the rules need. LIVE: of these, about an event that this collector version emits.\n`

interface Row extends RuleCounts {
  readonly name: string
  readonly language: string
}

/** A row for each file, and one for all. @param width columns of the terminal */
export function countTable(files: readonly FileCounts[], width: number): string {
  const base = commonFolder(files.map(({ name }) => name))
  const rows = groupRows(files.map((file) => ({ ...file, name: file.name.slice(base.length) })))
  const total = totalCounts(files)
  const all: Row[] = rows.length > 1 ? [...rows, { name: 'all', language: '', ...total }] : rows
  const nameWidth = Math.max(20, width - NUMBERS_WIDTH - (total.skipped > 0 ? SKIPPED_WIDTH : 0))
  const number = (title: string, key: keyof RuleCounts): { title: string; value: (row: Row) => string } => ({
    title,
    value: (row) => String(row[key]).padStart(title.length),
  })
  const table = columnTable<Row>(
    [
      { title: rows.length < files.length ? 'FOLDER' : 'FILE', value: ({ name }) => cutStart(printable(name), nameWidth) },
      { title: 'LANGUAGE', value: ({ language }) => language },
      number('RULES', 'rules'),
      number('LOADED', 'loaded'),
      number('ENABLED', 'enabled'),
      number('EVALUABLE', 'evaluable'),
      number('LIVE', 'live'),
      number('WAITING', 'waiting'),
      number('EXCLUDED', 'excluded'),
      ...(total.skipped > 0 ? [number('SKIPPED', 'skipped')] : []),
    ],
    all,
  )
  const note = total.live < total.evaluable ? LIVE_NOTE : ''
  return `${base === '' ? '' : `below ${printable(base)}\n`}${table}${note}`
}

/** The folder, with its slash, with which all names begin; empty for a single name. */
function commonFolder(names: readonly string[]): string {
  const [first = '', ...others] = names
  if (others.length === 0) return ''
  const folders = first.split('/').slice(0, -1)
  // The root alone is not cut off: the rest would look like relative paths.
  for (; folders.join('/') !== ''; folders.pop()) {
    const folder = `${folders.join('/')}/`
    if (others.every((name) => name.startsWith(folder))) return folder
  }
  return ''
}

/** One row for each file, or, if there are too many, one for each folder, as deep as the table has room for. */
function groupRows(files: readonly FileCounts[]): Row[] {
  const depths = files.map(({ name }) => name.split('/').length)
  for (let depth = Math.max(1, ...depths); depth > 0; depth--) {
    const groups = new Map<string, FileCounts[]>()
    for (const file of files) {
      const parts = file.name.split('/')
      const key = parts.length > depth ? `${parts.slice(0, depth).join('/')}/` : file.name
      groups.set(key, [...(groups.get(key) ?? []), file])
    }
    if (groups.size <= MAX_ROWS || depth === 1) return [...groups].slice(0, MAX_ROWS * 5).map(([name, group]) => rowOf(name, group))
  }
  return []
}

function rowOf(name: string, group: readonly FileCounts[]): Row {
  const languages = [...new Set(group.flatMap((file) => file.languages))]
  const label = name.endsWith('/') ? `${name} (${counted(group.length, 'file')})` : name
  const isUnreadable = group.every((file) => file.isUnreadable)
  return { name: label, language: isUnreadable ? 'unreadable' : languages.join(', '), ...totalCounts(group) }
}

/** What waiting rules need, most frequent first. */
export function waitingTable(reasons: readonly WaitingFor[], width: number, isEach: boolean): string {
  const shown = isEach ? reasons : reasons.slice(0, MAX_ROWS)
  const rest = reasons.length - shown.length
  const table = columnTable<WaitingFor>(
    [
      { title: 'RULES', value: ({ rules }) => String(rules).padStart(5) },
      { title: 'ONLY FOR IT', value: ({ onlyThis }) => String(onlyThis).padStart(11) },
      { title: 'WAIT FOR', value: ({ reason }) => cut(printable(reason), Math.max(40, width - 20)) },
    ],
    shown,
  )
  return rest > 0 ? `${table}${' '.repeat(20)}${String(rest)} more (--all shows each)\n` : table
}

/** Rules that are evaluable but not live, with the missing events. */
export function notLiveTable(rules: readonly NotLiveRule[], width: number, isEach: boolean): string {
  const shown = isEach ? rules : rules.slice(0, MAX_ROWS)
  const nameWidth = Math.max(40, Math.floor(width / 2))
  const table = columnTable<NotLiveRule>(
    [
      { title: 'NOT LIVE', value: ({ name }) => cut(printable(name), nameWidth) },
      {
        title: 'EVENTS NOT EMITTED',
        value: ({ eventTypes }) => cut(printable(eventTypes.join(', ')), Math.max(30, width - nameWidth - 2)),
      },
    ],
    shown,
  )
  return shown.length < rules.length ? `${table}${String(rules.length - shown.length)} more (--all shows each)\n` : table
}

/** Cuts the start of a path, because its end says more. */
function cutStart(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `…${characters.slice(characters.length - width + 1).join('')}`
}

/** How problems are displayed. */
export interface ProblemStyle {
  readonly colors: Colors
  /** Show every warning, instead of the first few of a kind. */
  readonly isEach: boolean
}

/** Warnings of one kind in one file that are shown; the rest is folded. */
const SHOWN_OF_A_KIND = 3
/** Maximum number of excluded rules and files that are named. */
const MAX_EXCLUDED = 50

/** One line for each error. */
export function errorLines(errors: readonly Diagnostic<string>[], { colors }: ProblemStyle): string[] {
  return errors.map((error) => problemLine(error, colors.red('error')))
}

/** One line for each warning; many of a kind in one file are folded unless every warning is requested. */
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

/** What is excluded from the set because of the errors above. Rules that depend on something broken appear in none of those errors. */
export function excludedLines({ ruleSet }: Pick<LoadResult, 'ruleSet'>, { colors, isEach }: ProblemStyle): string[] {
  const { quarantined } = ruleSet
  if (quarantined.length === 0) return []
  const shown = isEach ? quarantined : quarantined.slice(0, MAX_EXCLUDED)
  const lines = shown.map(({ kind, name, error }) => {
    const isOwn = kind === 'file' || error.item === name
    const why = isOwn ? '' : `  depends on '${error.item ?? '?'}' (${error.place.file}:${String(error.place.line)})`
    return `  ${kind} ${printable(kind === 'file' ? name : `'${name}'`)}${printable(why)}`
  })
  const rest = quarantined.length - shown.length
  const head = colors.bold(`excluded from the set: ${counted(quarantined.length, 'rule or file', 'rules and files')}; all others load:`)
  return [head, ...lines, ...(rest > 0 ? [colors.dim(`  ${String(rest)} more (--all names each)`)] : [])]
}
