// A requirement of a rule on one operand as SQL, by where the operand is in the bytes of a record: one column has the same text, or a text that the
// operand is a part of.
import type { BoundCheck } from '../../rule-engine/compile/bound-tree.js'
import { fieldTestOf, type Needle } from '../../rule-engine/compiled/field-test.js'
import type { Requirement } from '../../rule-engine/compiled/normal-form.js'
import { sourceOf, type Source } from '../../rule-engine/compiled/source-masks.js'
import { fieldOf } from '../../rule-engine/compiled/type-filter.js'
import type { BytePlan } from '../../rule-engine/fields/bytes/byte-plan.js'
import type { RuleTopic } from '../../rule-engine/fields/rule-event.js'
import { familyOf } from '../../rule-engine/fields/field-type.js'
import { lowerAscii } from '../../../infra/text/glob.js'
import { ARCHIVE_COLUMNS } from '../columns.js'
import { anyOf, isPlainText, textSql } from './sql-text.js'

/** More texts than this are left to the filter on bytes. */
const MOST_NEEDLES = 200

/** SQL that is true for each record that may fulfil it; null if that may be any. */
export function requirementSql({ operand, anyOf: checks }: Requirement, topic: RuleTopic): string | null {
  const field = fieldOf(operand)
  const plan = field?.definition.bytes[topic]
  if (field === null || plan === undefined) return null
  if (['number', 'bool'].includes(familyOf(operand.type))) return numbersSql(plan, checks, topic)
  const needles = needlesOf(checks)
  if (needles === null) return null
  const isWhole = operand.kind === 'field'
  const column = columnOf(plan, field.argument, topic)
  if (column !== null) return anyOf(needles.map((needle) => needleSql(column, isWhole ? needle : loose(needle))))
  const source = plan.kind === 'commandLine' && plan.generation === 1 ? 'parent' : sourceOf(plan, topic)
  return source === null ? null : sourceSql(source, needles, topic)
}

/** null if a check looks for nothing that is known, or for what is no literal. */
function needlesOf(checks: readonly BoundCheck[]): readonly Needle[] | null {
  const needles: Needle[] = []
  for (const check of checks) {
    const { needles: some } = fieldTestOf(check)
    if (some === null || !some.every(({ kind, text }) => kind !== 'length' && isPlainText(text))) return null
    needles.push(...some)
  }
  return needles.length > MOST_NEEDLES ? null : needles
}

/** The column with exactly the text of a plan. */
function columnOf(plan: BytePlan, argument: unknown, topic: RuleTopic): string | null {
  if (plan.kind === 'text') return columnNamed(plan.at, topic)
  if (plan.kind !== 'ancestor' || plan.of === 'exe' || (plan.generation ?? argument) !== 1) return null
  if (argument !== null && argument !== 1) return null
  return columnNamed(`process.ancestors.0.${plan.of}`, topic)
}

function columnNamed(field: string, topic: RuleTopic): string | null {
  return ARCHIVE_COLUMNS[topic].find((column) => column.field === field)?.name ?? null
}

/** A needle in a part of the text of a column, or in the text in another case. */
function loose({ text }: Needle): Needle {
  return { kind: 'foldedPart', text: lowerAscii(text) }
}

function needleSql(column: string, { kind, text }: Needle): string {
  const literal = textSql(text)
  switch (kind) {
    case 'equal':
      return `${column} = ${literal}`
    case 'prefix':
      return `starts_with(${column}, ${literal})`
    case 'suffix':
      return `suffix(${column}, ${literal})`
    case 'part':
      return `contains(${column}, ${literal})`
    case 'foldedPart':
      return `contains(lower(${column}), ${literal})`
    case 'length':
      return 'true'
  }
}

/** A text that the operand is a part of. */
function sourceSql(source: Source | 'parent', needles: readonly Needle[], topic: RuleTopic): string | null {
  switch (source) {
    case 'arguments':
      return wordsSql(needles, ['args', 'process_name'])
    case 'parent':
      return wordsSql(needles, ['parent_args', 'parent_name'])
    case 'program':
      return columnNamed('filename', topic) === null
        ? null
        : anyOf(needles.flatMap((needle) => partSql(['exe_path', 'filename'], loose(needle))))
    case 'path': {
      const columns = ['path', 'newPath'].map((field) => columnNamed(field, topic)).filter((name) => name !== null)
      if (columns.length === 0) return null
      const found = needles.flatMap((needle) => partSql(columns, loose(needle)))
      return anyOf([...found, ...columns.map((column) => oddPathSql(column, needles))])
    }
  }
}

/** Arguments are joined with blanks, after one text or another: a word without blanks is in one of the columns. Records of audit have texts besides. */
function wordsSql(needles: readonly Needle[], columns: readonly string[]): string | null {
  const words = needles.map(({ text }) => longestOf(text.split(' ')))
  if (words.some((word) => word === '' || 'execve'.includes(lowerAscii(word)) || /^[0-9]+$/.test(word))) return null
  const found = words.flatMap((text) => partSql(columns, loose({ kind: 'part', text })))
  return anyOf([...new Set(found), `${columns[0] ?? ''} IS NULL`])
}

function partSql(columns: readonly string[], needle: Needle): string[] {
  return columns.map((column) => needleSql(column, needle))
}

/** Operands read paths in their normal form. It has no component that is not in the path, so the longest of a needle's is. */
function oddPathSql(column: string, needles: readonly Needle[]): string {
  const ends = ["'/'", "'/.'", "'/..'"].map((end) => `suffix(${column}, ${end})`)
  const parts = ["'//'", "'/./'", "'/../'"].map((part) => `contains(${column}, ${part})`)
  const names = needles.map(({ text }) => longestOf(text.split('/')))
  const isNamed = names.includes('') ? 'true' : anyOf([...new Set(names)].map((text) => needleSql(column, loose({ kind: 'part', text }))))
  return `(${isNamed} AND ${anyOf([`NOT starts_with(${column}, '/')`, ...ends, ...parts])})`
}

function longestOf(texts: readonly string[]): string {
  return texts.reduce((longest, text) => (text.length > longest.length ? text : longest), '')
}

function numbersSql(plan: BytePlan, checks: readonly BoundCheck[], topic: RuleTopic): string | null {
  const numbers: number[] = []
  for (const check of checks) {
    if (check.kind === 'exists' || check.modifier !== null || check.right.kind !== 'constants') return null
    const isOne = check.left.plurality === 'one'
    const isEqual = ['=', '=='].includes(check.operator) || check.operator === 'intersects' || (check.operator === 'in' && isOne)
    if (!isEqual) return null
    for (const constant of check.right.constants) {
      if (typeof constant !== 'number' || !Number.isSafeInteger(constant)) return null
      numbers.push(constant)
    }
  }
  if (numbers.length === 0 || numbers.length > MOST_NEEDLES) return null
  const list = `(${numbers.join(', ')})`
  if (plan.kind === 'port') return topic === 'network' ? `(local_port IN ${list} OR remote_port IN ${list})` : null
  if (plan.kind !== 'number') return null
  const column = columnNamed(plan.at, topic)
  if (column === null) return null
  return plan.whenNull === undefined ? `${column} IN ${list}` : `(${column} IN ${list} OR ${column} IS NULL)`
}
