// The report of `rules check` as JSON: errors, warnings, and what the files define after append and override.
import type { CompiledRule } from '../../rule-set/compiled-rule.js'
import type { CompiledCorrelation } from '../../rule-set/compiled-correlation.js'
import type { Diagnostic } from '../../read/diagnostics.js'
import type { LoadResult } from '../../load/load-rules.js'
import { priorityName } from '../../rule-set/priority.js'
import { unquoteItem } from '../../falco/definitions.js'
import { correlationJson, feedsJson } from '../explain/explanation.js'
import { fileCounts, totalCounts, waitingFor, type RuleCounts, type WaitingFor } from './load-counts.js'

interface DiagnosticReport {
  readonly code: string
  readonly message: string
  readonly item?: string
  readonly file: string
  readonly line: number
  readonly column: number
}

/** The JSON answer for files that were loaded as one set. */
export interface CheckReport {
  readonly ok: boolean
  readonly errors: readonly DiagnosticReport[]
  readonly warnings: readonly DiagnosticReport[]
  readonly files: readonly ({ readonly name: string; readonly ok: boolean; readonly languages: readonly string[] } & RuleCounts)[]
  readonly counts: RuleCounts
  /** What enabled rules need and records don't hold. */
  readonly waitingFor: readonly WaitingFor[]
  /** Rules and files that are excluded from the set because of errors. */
  readonly excluded: readonly object[]
  readonly rules: readonly object[]
  readonly macros: readonly { readonly name: string; readonly condition: string }[]
  readonly lists: readonly { readonly name: string; readonly items: readonly string[]; readonly refs: readonly string[] }[]
}

/** The report of `rules check --json`. @param fileNames the files that were read, in load order */
export function checkReport(result: LoadResult, fileNames: readonly string[]): CheckReport {
  const files = fileCounts(result, fileNames)
  return {
    ok: result.errors.length === 0,
    errors: result.errors.map(diagnosticReport),
    warnings: result.warnings.map(diagnosticReport),
    files: files.map(({ name, isOk, isUnreadable: _, ...counts }) => ({ name, ok: isOk, ...counts })),
    counts: totalCounts(files),
    waitingFor: waitingFor(result),
    excluded: result.ruleSet.quarantined.map(({ kind, name, error }) => ({ kind, name, error: diagnosticReport(error) })),
    rules: ruleReports(result),
    macros: result.macros.map(({ name, condition }) => ({ name, condition: condition.text })),
    lists: result.lists.map(({ name, items, refs }) => ({ name, items: items.map(unquoteItem), refs })),
  }
}

function diagnosticReport({ code, message, item, place }: Diagnostic): DiagnosticReport {
  return { code, message, ...(item === null ? {} : { item }), file: place.file, line: place.line, column: place.column }
}

function ruleReports({ ruleSet, definitions }: LoadResult): object[] {
  const byName = new Map(definitions.map((definition) => [definition.name, definition]))
  const rules = ruleSet.rules.map((rule) => ({
    name: rule.name,
    ...(rule.language === 'sigma' ? sigmaParts(rule) : {}),
    source: rule.source,
    priority: priorityName(rule.priority),
    enabled: rule.isEnabled,
    condition: rule.conditionText,
    compiled: rule.compiledText,
    output: rule.outputText,
    desc: rule.desc,
    tags: rule.tags,
    capture: byName.get(rule.name)?.capture ?? false,
    captureDuration: byName.get(rule.name)?.captureDuration ?? 0,
    version: rule.version,
    eventTypes: rule.eventTypes,
    unavailable: rule.unavailable,
    ...(rule.filters === undefined || rule.filters.length === 0 ? {} : { filters: rule.filters }),
    ...(rule.feeds === undefined ? {} : { feeds: feedsJson(rule.feeds) }),
  }))
  return [...rules, ...ruleSet.correlations.map(correlationReport)]
}

/** A correlation as a rule among rules, with its own parts. */
function correlationReport(correlation: CompiledCorrelation): object {
  const { name, source, priority, isEnabled, conditionText, outputText, desc, tags, version, unavailable } = correlation
  return {
    name,
    ...sigmaParts(correlation),
    source,
    priority: priorityName(priority),
    enabled: isEnabled,
    condition: conditionText,
    compiled: conditionText,
    output: outputText,
    desc,
    tags,
    capture: false,
    captureDuration: 0,
    version,
    eventTypes: [],
    unavailable,
    correlation: correlationJson(correlation),
  }
}

/** Additional parts of Sigma rules, by which people know them. */
function sigmaParts({ id, level, author, references }: Pick<CompiledRule, 'id' | 'level' | 'author' | 'references'>): object {
  return { id, level, author, references }
}
