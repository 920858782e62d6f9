// Documents of Sigma files to compiled rules and correlations. Documents are read as they come; since correlations and filters name rules that may
// stand behind them, all are compiled when the last one was read. Every mistake of all files is told in one go.
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { FilePlace } from '../read/file-place.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { LoadError } from '../read/diagnostics.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { LoadReport } from '../read/load-report.js'
import { isAtLeast } from '../rule-set/priority.js'
import type { YamlNode } from '../read/yaml-file.js'
import { compileFilter, compileSigma } from './compile-rule.js'
import type { AppliedFilter, RuleDocument, SigmaContext } from './compile-rule.js'
import type { CorrelationDocument } from '../correlation/sigma/compile-correlation.js'
import { resolveCorrelations } from '../correlation/sigma/resolve-correlations.js'
import type { UnsettledCorrelation } from '../correlation/sigma/resolve-correlations.js'
import { settleCorrelations } from '../correlation/sigma/settle-correlations.js'
import { FilterSet } from './filter/filter-set.js'
import { logSourceText } from './log-source/log-source.js'
import { LogSources } from './log-source/log-sources.js'
import { applyPipelines } from './pipeline/apply-pipelines.js'
import type { Pipeline } from './pipeline/pipeline.js'
import { readPipelines } from './pipeline/read-pipeline.js'
import { readSigmaDocument } from './read/read-document.js'
import type { SigmaDocument, SigmaFilter } from './read/sigma-document.js'
import { NamedRules } from './named-rules.js'

/** What the documents of a load give. */
export interface SigmaRules {
  /** In load order. */
  readonly rules: readonly CompiledRule[]
  /** Each behind those that feed it. */
  readonly correlations: readonly CompiledCorrelation[]
}

/** Takes documents in load order, then compiles them together. */
export class SigmaLoader {
  readonly #context: SigmaContext
  readonly #options: LoadOptions
  readonly #documents: SigmaDocument[] = []
  readonly #index = new NamedRules<SigmaDocument>()
  /** Where each id stands: alerts name the rule by it. */
  readonly #places = new Map<string, FilePlace>()
  readonly #broken = new Map<SigmaDocument, LoadError>()
  /** Filters in the terms of a log source: the same for all rules of it. */
  readonly #filters = new Map<SigmaFilter, Map<string, AppliedFilter | null>>()

  /** null when a pipeline has mistakes: what rules mean is not known then. */
  readonly #pipelines: readonly Pipeline[] | null

  constructor(report: LoadReport, options: LoadOptions) {
    this.#pipelines = readPipelines(options.pipelines ?? [], report)
    this.#context = { logSources: new LogSources(), placeholders: options.placeholders ?? {}, report }
    this.#options = options
  }

  /** A document with mistakes is kept out, and told. */
  read(node: YamlNode): void {
    const { report } = this.#context
    const failure = report.failureOf(() => {
      const document = this.#piped(readSigmaDocument(node))
      this.#documents.push(document)
      this.#index.add(document.metadata, document)
    })
    if (failure !== null) report.quarantine('rule', node.entries.get('title')?.value.text ?? 'untitled', failure)
  }

  #piped(document: SigmaDocument): SigmaDocument {
    if (this.#pipelines !== null) return applyPipelines(document, this.#pipelines)
    if (document.kind === 'correlation') return document
    return { ...document, detection: { ...document.detection, obstacles: ['a pipeline for Sigma rules has mistakes'] } }
  }

  /** Compiles what was read. */
  compile(): SigmaRules {
    const { report } = this.#context
    const filters = this.#documents.filter((document) => document.kind === 'filter').filter((filter) => this.#isWhole(filter))
    const filterSet = new FilterSet(filters, this.#index, report)
    const rules = new Map<SigmaDocument, CompiledRule>()
    for (const document of this.#documents) {
      if (document.kind !== 'rule') continue
      const rule = this.#compileRule(document, filterSet)
      if (rule !== null) rules.set(document, rule)
    }
    const correlations = this.#documents.filter((document) => document.kind === 'correlation').filter((document) => this.#isFirst(document))
    const unsettled = resolveCorrelations(correlations, { index: this.#index, rules, broken: this.#broken, report })
    const needed = this.#needed(unsettled, [...rules.values()])
    const sourced = [...rules]
      .map(([document, rule]) => ({ rule, source: this.#sourceOf(document) }))
      .filter(({ rule }) => needed.has(rule.id))
    const urgent = unsettled.filter(({ id }) => needed.has(id))
    return settleCorrelations(urgent, sourced, { report, isMuted: (item) => !this.#isUrgent(item) })
  }

  #isUrgent({ priority }: Pick<CompiledRule, 'priority'>): boolean {
    const { minPriority } = this.#options
    return minPriority === undefined || isAtLeast(priority, minPriority)
  }

  /** What is less urgent than what is loaded is left out, but for what feeds something that is urgent enough. */
  #needed(correlations: readonly UnsettledCorrelation[], rules: readonly CompiledRule[]): ReadonlySet<string> {
    const needed = new Set([...rules, ...correlations].filter((item) => this.#isUrgent(item)).map(({ id }) => id))
    for (const { id, members } of [...correlations].reverse()) if (needed.has(id)) for (const member of members) needed.add(member.id)
    return needed
  }

  #compileRule(document: RuleDocument, filterSet: FilterSet): CompiledRule | null {
    const { report } = this.#context
    const before = report.errors.length
    const filters = filterSet.filtersOf(document, report).flatMap((filter) => this.#filterFor(filter, document) ?? [])
    const rule = compileSigma(document, filters, this.#context)
    const error = report.errors[before]
    if (rule === null) {
      if (error !== undefined) this.#keepOut(document, error)
      return null
    }
    return this.#isFirst(document) ? rule : null
  }

  /** False, and told, for an id that an earlier rule has. */
  #isFirst(document: RuleDocument | CorrelationDocument): boolean {
    const { id, title, place } = document.metadata
    const earlier = this.#places.get(id)
    this.#places.set(id, earlier ?? place)
    if (earlier === undefined) return true
    const message = `id ${id} is also that of a rule at ${earlier.file}:${String(earlier.line)}`
    this.#keepOut(document, this.#context.report.error('LOAD_ERR_VALIDATE', message, title, place))
    return false
  }

  #keepOut(document: SigmaDocument, error: LoadError): void {
    this.#broken.set(document, error)
    this.#context.report.quarantine('rule', document.metadata.title, error)
  }

  /** Compiles a filter by its own log source, so that its mistakes are told once. */
  #isWhole(filter: SigmaFilter): boolean {
    const before = this.#context.report.errors.length
    const source = this.#context.logSources.find(filter.detection.logSource)
    if (compileFilter(filter, source, this.#context) !== null) return true
    const error = this.#context.report.errors[before]
    if (error !== undefined) this.#keepOut(filter, error)
    return false
  }

  #filterFor(filter: SigmaFilter, rule: RuleDocument): AppliedFilter | null {
    const compiled = this.#filters.get(filter) ?? new Map<string, AppliedFilter | null>()
    this.#filters.set(filter, compiled)
    const key = logSourceText(rule.detection.logSource)
    const known = compiled.get(key)
    if (known !== undefined) return known
    // What is wrong with the filter itself was told when it was read.
    const applied = compileFilter(filter, this.#sourceOf(rule), { ...this.#context, report: new LoadReport() })
    compiled.set(key, applied)
    if (applied === null)
      this.#context.report.warn('LOAD_FILTER_NOT_APPLIED', `does not fit ${key}`, filter.metadata.title, filter.metadata.place)
    return applied
  }

  #sourceOf(document: SigmaDocument): ReturnType<LogSources['find']> {
    if (document.kind === 'correlation') throw new TypeError('a correlation has no log source')
    return this.#context.logSources.find(document.detection.logSource)
  }
}
