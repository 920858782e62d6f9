// All that is known of one rule, as data: what `rules explain --json` prints and the text for people is made of.
// + What makes a correlation, and what a rule does for correlations: as data, and in a sentence.
import { fieldsOf } from '../../compile/bound-tree.js'
import { indexKeyOf } from '../../analysis/index-key.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { Entry, ExceptionDefinition } from '../../falco/definitions.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { typesNotEmitted } from '../../fields/record/event-type.js'
import type { LoadResult } from '../../load/load-rules.js'
import { priorityName } from '../../rule-set/priority.js'
import { fromByteText } from '../../text/byte-text.js'
import type { PartNames } from './condition-tree.js'
import { treeJson } from './condition-tree.js'
import { attackTags } from '../attack-techniques.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { Feeds, Tap } from '../../rule-set/tap.js'

/** A field that the condition reads. */
export interface FieldRead {
  readonly name: string
  readonly type: string
  readonly doc: string
  /** Parts of records that it is made of: `Process.name`. */
  readonly source: readonly string[]
  /** Why no record holds it; null when records do. */
  readonly unavailable: string | null
  /** It hangs on facts of the container, which may come late. */
  readonly needsFacts: boolean
}

/** An exception of a Falco rule: what it looks at, and how many sets of values leave an event out. */
export interface ExceptionSummary {
  readonly name: string
  readonly fields: readonly string[]
  readonly operators: readonly string[]
  readonly values: number
}

/** Fields of the condition, and of what an event must be before it is asked, each once. */
export function fieldsRead({ condition }: CompiledRule): FieldRead[] {
  const byKey = new Map<string, ResolvedField>(fieldsOf(condition).map((field) => [field.key, field]))
  return [...byKey.values()].map(({ key, type, definition }) => ({
    name: key,
    type,
    doc: definition.doc,
    source: definition.source,
    unavailable: definition.unavailable,
    needsFacts: definition.needsFacts,
  }))
}

/** The exceptions of a Falco rule, in the order of its file; none for a Sigma rule. */
export function exceptionsOf({ name, language }: CompiledRule, { definitions }: Pick<LoadResult, 'definitions'>): ExceptionSummary[] {
  if (language !== 'falco') return []
  const definition = definitions.find((one) => one.name === name)
  return (definition?.exceptions ?? []).map(exceptionSummary)
}

function exceptionSummary({ name, fields, comps, values }: ExceptionDefinition): ExceptionSummary {
  const isScalar = fields?.kind === 'item'
  const names = entryTexts(fields)
  return {
    name,
    fields: names,
    operators: comps === null ? names.map(() => (isScalar ? 'in' : '=')) : entryTexts(comps),
    values: values.length,
  }
}

function entryTexts(entry: Entry | null): string[] {
  if (entry === null) return []
  return entry.kind === 'item' ? [entry.text] : entry.items.flatMap(entryTexts)
}

/** What an event must have before the rule is asked, besides its type; null when any will do. */
export function indexJson(rule: CompiledRule): { readonly field: string; readonly view: string; readonly names: readonly string[] } | null {
  const key = indexKeyOf(rule)
  return key === null ? null : { field: key.field, view: key.view, names: key.names.map(fromByteText) }
}

/** One JSON object of the rule. */
export function explanation(rule: CompiledRule, loaded: Pick<LoadResult, 'definitions'>, names: PartNames): object {
  return {
    id: rule.id,
    name: rule.name,
    language: rule.language,
    source: rule.source,
    priority: priorityName(rule.priority),
    level: rule.level,
    author: rule.author,
    references: rule.references,
    enabled: rule.isEnabled,
    version: rule.version,
    tags: rule.tags,
    attack: attackTags(rule.tags),
    desc: rule.desc,
    place: rule.place,
    eventTypes: rule.eventTypes,
    canFire: rule.isEnabled && rule.unavailable.length === 0,
    unavailable: rule.unavailable,
    eventsNotLive: typesNotEmitted(rule.eventTypes),
    index: indexJson(rule),
    condition: rule.conditionText,
    compiled: rule.compiledText,
    tree: treeJson(rule.tree, names),
    output: rule.outputText,
    exceptions: exceptionsOf(rule, loaded),
    fields: fieldsRead(rule),
    filters: rule.filters ?? [],
    ...(rule.feeds === undefined ? {} : { feeds: feedsJson(rule.feeds) }),
  }
}

/** The parts of a correlation by the names that its file has for them. */
export function correlationJson(correlation: CompiledCorrelation): object {
  const { type, members, groupBy, timespan, thresholds, valueFields, percentile, aliases, isGenerating, isSilent, verdictAt } = correlation
  return {
    type,
    rules: members,
    groupBy,
    timespan: timespan.text,
    condition: {
      ...Object.fromEntries(thresholds.map(({ operator, value }) => [operator, value])),
      ...(valueFields.length === 0 ? {} : { field: valueFields }),
      ...(percentile === null ? {} : { percentile }),
    },
    aliases: Object.fromEntries([...aliases].map(([alias, fields]) => [alias, Object.fromEntries(fields)])),
    generate: isGenerating,
    speaks: !isSilent,
    judgedAt: verdictAt,
  }
}

/** Correlations that the matches of a rule feed, and whether it alerts besides. */
export function feedsJson({ taps, isSilent }: Feeds): object {
  return { correlations: taps.map(({ correlation }) => correlation.id), speaks: !isSilent }
}

/** `'Many failed logins', and gives no alert of its own` */
export function feedsText({ taps, isSilent }: Feeds): string {
  const names = taps.map(wayText).join(', ')
  return `${names === '' ? 'no correlation that is on' : names}${isSilent ? '; gives no alert of its own' : '; alerts besides'}`
}

function wayText({ correlation, above }: Tap): string {
  return above.length === 0 ? `'${correlation.name}'` : `'${correlation.name}' (which feeds ${above.map(wayText).join(', ')})`
}

/** One JSON object of the correlation. */
export function correlationExplanation(correlation: CompiledCorrelation): object {
  const { id, name, language, source, priority, level, author, references, isEnabled, version, tags, desc, place, unavailable } =
    correlation
  return {
    id,
    name,
    language,
    source,
    priority: priorityName(priority),
    level,
    author,
    references,
    enabled: isEnabled,
    version,
    tags,
    attack: attackTags(tags),
    desc,
    place,
    canFire: isEnabled && unavailable.length === 0,
    unavailable,
    condition: correlation.conditionText,
    output: correlation.outputText,
    correlation: correlationJson(correlation),
  }
}
