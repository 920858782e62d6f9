// Compiles a Sigma rule: its searches and condition to one tree, and its log source to a condition on events.
import type { BoundExpression } from '../compile/bound-tree.js'
import type { OutputTemplate, TemplatePart } from '../compile/template.js'
import type { ResolvedField } from '../fields/catalogue.js'
import { printCondition } from '../language/printer.js'
import { LoadReport } from '../read/load-report.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { versionOf } from '../rule-set/rule-head.js'
import { compileDetection } from './compile/compile-detection.js'
import { CompileScope } from './compile/compile-scope.js'
import { sourceParts, unavailableFields } from './compile/compile-shapes.js'
import { logSourceText, type LogSource } from './log-source/log-source.js'
import type { LogSources } from './log-source/log-sources.js'
import { priorityOf, type RuleDocument, type SigmaFilter, type SigmaMetadata } from './read/sigma-document.js'
import { fieldOf } from './sigma-field.js'
import { NEVER, allTerms, type Term } from './term.js'
import type { Placeholders } from './values/placeholders.js'
import { toByteText } from '../text/byte-text.js'

/** State shared by the documents of one load. */
export interface SigmaContext {
  readonly logSources: LogSources
  readonly placeholders: Placeholders
  readonly report: LoadReport
}

/** A filter, compiled for rules of one log source. */
export interface AppliedFilter {
  readonly title: string
  readonly conditionText: string
  readonly term: Term
  /** The term over the fields of another scope, such as one of the records that represent an event. */
  termIn(scope: CompileScope): Term
  /** Why it can't be evaluated for any event. */
  readonly obstacles: readonly string[]
  /** Fields that no record has. */
  readonly unavailable: readonly string[]
}

/** Compiles a rule. null if the document has mistakes; they are in the report. */
export function compileSigma(document: RuleDocument, filters: readonly AppliedFilter[], context: SigmaContext): CompiledRule | null {
  const { metadata, detection } = document
  const source = context.logSources.find(detection.logSource)
  const scope = new CompileScope((name) => fieldOf(name, source), context.placeholders)
  const term = compileDetection(metadata, detection, scope, context.report)
  if (term === null) return null
  const obstacles = [...scope.obstacles, ...filters.flatMap((filter) => filter.obstacles)]
  const fields = [...scope.fields.values()]
  const conditionText = detection.conditions.map(({ text }) => text.trim()).join(' or ')
  const whole = filters.length === 0 ? term : allTerms([term, ...filters.map((filter) => filter.term)])
  const parts = sourceParts(source, whole, fields, (resolve) => {
    const shaped = new CompileScope(resolve, context.placeholders)
    const own = compileDetection(metadata, detection, shaped, new LoadReport()) ?? NEVER
    return allTerms([own, ...filters.map((filter) => filter.termIn(shaped))])
  })
  return assemble(metadata, {
    source: logSourceText(detection.logSource),
    conditionText: [conditionText, ...filters.map((filter) => filter.conditionText)].map(inParentheses(filters.length > 0)).join(' and '),
    term: obstacles.length === 0 ? parts.term : NEVER,
    onFields: obstacles.length === 0 ? parts.onFields : null,
    scope: parts.scope,
    eventTypes: parts.eventTypes,
    fields: [
      ...fields.filter(isShown(source)),
      ...metadata.fields.filter((name) => !scope.fields.has(name)).map((name) => fieldOf(name, source)),
    ],
    filters: filters.map(({ title }) => title),
    unavailable: [...parts.unavailable, ...filters.flatMap((filter) => filter.unavailable), ...obstacles],
  })
}

/** Compiles a filter for the log source of a rule. null if it has mistakes; they are in the report. */
export function compileFilter({ metadata, detection }: SigmaFilter, source: LogSource, context: SigmaContext): AppliedFilter | null {
  const scope = new CompileScope((name) => fieldOf(name, source), context.placeholders)
  const term = compileDetection(metadata, detection, scope, context.report)
  if (term === null) return null
  const lacking = source.isAnswered ? unavailableFields([...scope.fields.values()]) : []
  const named = (reason: string): string => `filter '${metadata.title}': ${reason}`
  return {
    title: metadata.title,
    conditionText: detection.conditions.map(({ text }) => text.trim()).join(' or '),
    term,
    termIn: (other) => compileDetection(metadata, detection, other, new LoadReport()) ?? NEVER,
    obstacles: [...scope.obstacles].map(named),
    unavailable: lacking.map(named),
  }
}

/** Fields of the record type: an event has no single type, since it is several records. */
function isShown(source: LogSource): (field: ResolvedField) => boolean {
  return ({ key }) => !source.isAnswered || source.shapes.length === 0 || key !== 'type'
}

function inParentheses(isNeeded: boolean): (text: string) => string {
  return (text) => (isNeeded ? `(${text})` : text)
}

interface Parts {
  readonly source: string
  readonly conditionText: string
  readonly term: Term
  readonly onFields: Term | null
  readonly scope: BoundExpression | null
  readonly eventTypes: readonly string[]
  /** Fields that the output shows. */
  readonly fields: readonly ResolvedField[]
  readonly filters: readonly string[]
  readonly unavailable: readonly string[]
}

function assemble(metadata: SigmaMetadata, parts: Parts): CompiledRule {
  const { source, conditionText, term, onFields, scope, eventTypes, fields, filters, unavailable } = parts
  const { title, id, description, level, author, references, tags, place } = metadata
  const output = sigmaOutput(title, fields)
  const priority = priorityOf(level)
  return {
    id,
    name: title,
    version: versionOf([id, title, source, priority, printCondition(term.tree, 'parseable'), output.text, ...tags]),
    language: 'sigma',
    source,
    priority,
    level,
    tags,
    author,
    references,
    desc: description.trim(),
    conditionText,
    outputText: output.text,
    compiledText: printCondition(term.tree),
    tree: term.tree,
    condition: term.bound,
    ...(onFields === null ? {} : { onFields: { tree: onFields.tree, condition: onFields.bound } }),
    scope,
    output: output.template,
    eventTypes,
    isEnabled: true,
    unavailable,
    filters,
    place,
  }
}

/** Most fields of one message. */
const MAX_FIELDS = 20

/** The message of a rule, which Sigma leaves open: its title, and the fields that it reads or lists. The template and its text. */
export function sigmaOutput(title: string, fields: readonly ResolvedField[]): { readonly template: OutputTemplate; readonly text: string } {
  const shown = fields.filter(({ definition }) => !definition.isWholeEvent).slice(0, MAX_FIELDS)
  const parts = shown.flatMap((field, index): TemplatePart[] => [
    { kind: 'text', text: toByteText(`${index === 0 ? ':' : ''} ${field.key}=`) },
    { kind: 'field', key: field.key, operand: { kind: 'field', field, type: field.type, plurality: field.plurality }, width: null },
  ])
  return {
    template: { parts: [{ kind: 'text', text: toByteText(title) }, ...parts] },
    text: `${title}${shown.map(({ key }, index) => `${index === 0 ? ':' : ''} ${key}=%${key}`).join('')}`,
  }
}
