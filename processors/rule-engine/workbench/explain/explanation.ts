// Everything that is known of one rule or correlation, as data: the output of `rules explain --json`, and the source of its text output.
import { fieldsOf } from '../../compile/bound-tree.js'
import { indexKeyOf } from '../../analysis/index-key.js'
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { Entry, ExceptionDefinition } from '../../falco/definitions.js'
import type { ResolvedField } from '../../fields/catalogue.js'
import { typesNotEmitted } from '../../fields/record/event-type.js'
import type { LoadResult } from '../../load/load-rules.js'
import { priorityName } from '../../rule-set/priority.js'
import { fromByteText } from '../../text/byte-text.js'
import { type PartNames, treeJson } from './condition-tree.js'
import { attackTags } from '../../../../schemas/attack-techniques.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { Feeds, Tap } from '../../rule-set/tap.js'

/** A field that the condition reads. */
export interface FieldRead {
  readonly name: string
  readonly type: string
  readonly doc: string
  /** Record fields that it is read from: `Process.name`. */
  readonly source: readonly string[]
  /** Why no record holds it; null if records do. */
  readonly unavailable: string | null
  /** It depends on container facts, which may arrive late. */
  readonly needsFacts: boolean
}

/** An exception of a Falco rule: its fields, and the number of value sets that exclude an event. */
export interface ExceptionSummary {
  readonly name: string
  readonly fields: readonly string[]
  readonly operators: readonly string[]
  readonly values: number
}

/** Fields of the condition, each once. */
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

/** The index key of the rule: what an event must have, besides its type, for the rule to be evaluated; null if the rule has none. */
export function indexJson(rule: CompiledRule): { readonly field: string; readonly view: string; readonly names: readonly string[] } | null {
  const key = indexKeyOf(rule)
  return key === null ? null : { field: key.field, view: key.view, names: key.names.map(fromByteText) }
}

/** What rules and correlations have in common. */
function commonParts(rule: CompiledRule | CompiledCorrelation): object {
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
  }
}

/** A rule as a JSON object. */
export function explanation(rule: CompiledRule, loaded: Pick<LoadResult, 'definitions'>, names: PartNames): object {
  return {
    ...commonParts(rule),
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

/** The parts of a correlation under the names of its file. */
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
    evaluatedAt: verdictAt,
  }
}

/** Correlations that the matches of a rule feed, and whether it also creates alerts. */
export function feedsJson({ taps, isSilent }: Feeds): object {
  return { correlations: taps.map(({ correlation }) => correlation.id), speaks: !isSilent }
}

/** `'Many failed logins'; creates no alert of its own` */
export function feedsText({ taps, isSilent }: Feeds): string {
  const names = taps.map(tapText).join(', ')
  return `${names === '' ? 'no enabled correlation' : names}${isSilent ? '; creates no alert of its own' : '; also creates its own alerts'}`
}

function tapText({ correlation, above }: Tap): string {
  return above.length === 0 ? `'${correlation.name}'` : `'${correlation.name}' (which feeds ${above.map(tapText).join(', ')})`
}

/** A correlation as a JSON object. */
export function correlationExplanation(correlation: CompiledCorrelation): object {
  return {
    ...commonParts(correlation),
    canFire: correlation.isEnabled && correlation.unavailable.length === 0,
    unavailable: correlation.unavailable,
    condition: correlation.conditionText,
    output: correlation.outputText,
    correlation: correlationJson(correlation),
  }
}
