// The text output of `rules explain`, for a rule (identity, whether it can fire, condition tree, fields) and for a correlation (what feeds it,
// how it groups and counts, when it fires).
import type { CompiledRule } from '../../../processors/rule-engine/rule-set/compiled-rule.js'
import { typesNotEmitted } from '../../../processors/rule-engine/fields/record/event-type.js'
import type { LoadResult } from '../../../processors/rule-engine/load/load-rules.js'
import { priorityName } from '../../../processors/rule-engine/rule-set/priority.js'
import { columnTable, cut, wrap, type Colors } from '../../terminal/terminal-text.js'
import { counted, printable } from '../../../infra/text/printable.js'
import { conditionLines } from '../condition-lines.js'
import type { PartNames } from '../../../processors/rule-engine/workbench/explain/condition-tree.js'
import {
  feedsText,
  exceptionsOf,
  fieldsRead,
  indexJson,
  type FieldRead,
} from '../../../processors/rule-engine/workbench/explain/explanation.js'
import { attackTags } from '../../../schemas/attack-techniques.js'
import { type CompiledCorrelation, thresholdsText } from '../../../processors/rule-engine/rule-set/compiled-correlation.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'

/** How a rule is displayed. */
export interface ExplanationStyle {
  readonly width: number
  readonly colors: Colors
  readonly names: PartNames
  /** Show value lists in full, instead of their first few values. */
  readonly isFull: boolean
}

const TITLE_WIDTH = 12
/** So wide that no list is folded. */
const UNFOLDED = 1_000_000
/** Maximum index names that are shown. */
const MAX_INDEX_NAMES = 12
/** Width of the column READ FROM. */
const SOURCE_WIDTH = 28

/** A rule for people: what it is, whether it can fire, its condition as a tree, its fields. */
export function explanationText(rule: CompiledRule, loaded: Pick<LoadResult, 'definitions'>, style: ExplanationStyle): string {
  const { colors, width, names, isFull } = style
  const lines: string[] = [colors.bold(printable(rule.name))]
  const add = (title: string, text: string): void => {
    const [first = '', ...rest] = wrap(printable(text.trim().replace(/\s+/g, ' ')), width - TITLE_WIDTH - 1)
    lines.push(
      `${colors.dim(title.padEnd(TITLE_WIDTH))} ${first}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(TITLE_WIDTH + 1)}${line}`),
    )
  }
  addHead(rule, add)
  addAbility(rule, add)
  for (const { name, fields, operators, values } of exceptionsOf(rule, loaded)) {
    const checks = fields.map((field, index) => `${field} ${operators[index] ?? '='}`)
    add('exception', `${name}: ${checks.join(', ')} (${counted(values, 'set of values', 'sets of values')})`)
  }
  for (const title of rule.filters ?? []) add('filter', `${title} (part of the condition)`)
  if (rule.feeds !== undefined) add('feeds', feedsText(rule.feeds))
  add('output', rule.outputText)
  lines.push('', colors.dim(rule.language === 'falco' ? 'condition, with macros and lists expanded' : 'condition (casefold: ignores case)'))
  const treeStyle = { width: isFull ? UNFOLDED : width - 2, names }
  lines.push(...conditionLines(rule.tree, treeStyle).map((line) => `  ${line}`))
  const fields = fieldsRead(rule)
  if (fields.length > 0) lines.push('', colors.dim('fields that it reads'), ...fieldLines(fields, width))
  return `${lines.join('\n')}\n`
}

type Add = (title: string, text: string) => void

function addHead(rule: CompiledRule, add: Add): void {
  if (rule.desc.trim() !== '') add('what', rule.desc)
  add('priority', rule.level === null ? priorityName(rule.priority) : `${priorityName(rule.priority)} (level ${rule.level})`)
  if (rule.language === 'sigma') {
    add('id', rule.id)
    add('log source', rule.source)
  } else if (rule.source !== 'syscall') add('source', rule.source)
  if (rule.author !== null) add('author', rule.author)
  for (const reference of rule.references) add('reference', reference)
  const { techniques, tactics } = attackTags(rule.tags)
  if (techniques.length + tactics.length > 0) add('ATT&CK', [...techniques, ...tactics].join(', '))
  if (rule.tags.length > 0) add('tags', rule.tags.join(', '))
  add('from', `${rule.place.file}:${String(rule.place.line)}`)
  add('version', rule.version)
}

/** Whether the rule can fire, and why not. */
function addAbility(rule: CompiledRule, add: Add): void {
  add('state', rule.isEnabled ? 'on' : 'off')
  if (rule.unavailable.length > 0) for (const reason of rule.unavailable) add("can't fire", reason)
  else if (rule.isEnabled) add('can fire', needsFacts(rule) ? 'yes; waits for container facts if its verdict depends on them' : 'yes')
  else add('can fire', 'once it is on')
  add('events', rule.eventTypes.length === 0 ? 'none that records hold' : rule.eventTypes.join(', '))
  const later = typesNotEmitted(rule.eventTypes)
  if (later.length > 0)
    add(
      'not live',
      `this collector version does not emit ${later.length === rule.eventTypes.length ? 'these events' : later.join(', ')} yet`,
    )
  const index = indexJson(rule)
  if (index !== null) add('index', indexText(index))
}

/** `proc.name is bash, sh`: the rule is evaluated for no other event. */
function indexText({ field, view, names }: NonNullable<ReturnType<typeof indexJson>>): string {
  const shown = names.slice(0, MAX_INDEX_NAMES)
  const rest = names.length - shown.length
  const what = view === 'value' ? field : `the last part of ${field}`
  if (names.length === 0) return `${what} has no possible value: the condition is never true`
  return `${what} is ${shown.join(', ')}${rest > 0 ? `, … ${String(rest)} more` : ''}`
}

function needsFacts(rule: CompiledRule): boolean {
  return fieldsRead(rule).some((field) => field.needsFacts)
}

function fieldLines(fields: readonly FieldRead[], width: number): string[] {
  const nameWidth = Math.min(40, Math.max(...fields.map(({ name }) => printable(name).length)))
  const docWidth = Math.max(30, width - nameWidth - 2 - 8 - 6 - SOURCE_WIDTH)
  const table = columnTable<FieldRead>(
    [
      { title: 'FIELD', value: ({ name }) => cut(printable(name), nameWidth) },
      { title: 'TYPE', value: ({ type }) => type },
      { title: 'READ FROM', value: ({ source }) => cut(source.join(', ') || '-', SOURCE_WIDTH) },
      { title: 'MEANING', value: ({ doc, unavailable }) => cut(unavailable === null ? doc : `${doc} Not yet: ${unavailable}.`, docWidth) },
    ],
    fields,
  )
  return table
    .trimEnd()
    .split('\n')
    .map((line) => `  ${line}`)
}

/** A correlation for people: what feeds it, how it groups and counts, when it fires. */
export function correlationText(
  correlation: CompiledCorrelation,
  ruleSet: Pick<RuleSet, 'rules' | 'correlations'>,
  { width, colors }: { readonly width: number; readonly colors: Colors },
): string {
  const lines: string[] = [colors.bold(printable(correlation.name))]
  const add = (title: string, text: string): void => {
    const [first = '', ...rest] = wrap(printable(text.trim().replace(/\s+/g, ' ')), width - TITLE_WIDTH - 1)
    lines.push(
      `${colors.dim(title.padEnd(TITLE_WIDTH))} ${first}`.trimEnd(),
      ...rest.map((line) => `${' '.repeat(TITLE_WIDTH + 1)}${line}`),
    )
  }
  const { priority, level, id, author, references, tags, place, version, isEnabled, unavailable, isSilent } = correlation
  if (correlation.desc !== '') add('what', correlation.desc)
  add('priority', level === null ? priorityName(priority) : `${priorityName(priority)} (level ${level})`)
  add('id', id)
  if (author !== null) add('author', author)
  for (const reference of references) add('reference', reference)
  if (tags.length > 0) add('tags', tags.join(', '))
  add('from', `${place.file}:${String(place.line)}`)
  add('version', version)
  add('state', `${isEnabled ? 'on' : 'off'}${isSilent ? ', and only feeds other correlations' : ''}`)
  for (const reason of unavailable) add("can't fire", reason)
  if (unavailable.length === 0) add('can fire', isEnabled ? 'yes' : 'once it is on')
  add('output', correlation.outputText)
  addCorrelation(correlation, ruleSet, add)
  return `${lines.join('\n')}\n`
}

function addCorrelation(
  correlation: CompiledCorrelation,
  ruleSet: Pick<RuleSet, 'rules' | 'correlations'>,
  add: (title: string, text: string) => void,
): void {
  const { type, members, groupBy, valueFields, percentile, thresholds, timespan, aliases, verdictAt } = correlation
  add('type', type)
  for (const [index, { id, title, kind }] of members.entries()) {
    const member = [...ruleSet.rules, ...ruleSet.correlations].find((one) => one.id === id)
    const reason = member?.unavailable[0]
    add(
      type === 'temporal_ordered' ? `rule ${String(index + 1)}` : kind,
      `${title}${reason === undefined ? '' : ` - can't fire: ${reason}`}`,
    )
  }
  add('group by', groupBy.length === 0 ? 'nothing: all events together' : groupBy.join(', '))
  for (const [alias, fields] of aliases) {
    const parts = [...fields].map(([id, field]) => `${field} of '${members.find((member) => member.id === id)?.title ?? id}'`)
    add('alias', `${alias}: ${parts.join(', ')}`)
  }
  if (valueFields.length > 0) add('values', `${valueFields.join(' + ')}${percentile === null ? '' : `, percentile ${String(percentile)}`}`)
  add('condition', thresholdsText(thresholds))
  add('timespan', timespan.text)
  const atOnce = 'with the event that meets the condition; once per group within the timespan'
  add('fires', verdictAt === 'crossing' ? atOnce : 'when the timespan from the first event of a group ends')
}
