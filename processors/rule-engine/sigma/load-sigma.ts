// Documents of Sigma files to compiled rules. A correlation or filter may name rules of later documents, so all documents are read before the first
// one is compiled. All mistakes of all files are reported in one run. correlation/ compiles the correlations.
import { LoadReport } from '../read/load-report.js'
import type { LoadError } from '../read/diagnostics.js'
import type { FilePlace } from '../read/rule-file.js'
import type { YamlNode } from '../read/yaml-file.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import type { LoadOptions } from '../rule-set/load-options.js'
import { compileFilter, compileSigma, type AppliedFilter, type SigmaContext } from './compile-rule.js'
import { FilterSet } from './filter-set.js'
import { logSourceText, type LogSource } from './log-source/log-source.js'
import { LogSources } from './log-source/log-sources.js'
import { NamedRules } from './named-rules.js'
import { applyPipelines, type Pipeline } from './pipeline/pipeline.js'
import { readPipelines } from './pipeline/read-pipeline.js'
import { readSigmaDocument } from './read/read-document.js'
import type { CorrelationDocument, RuleDocument, SigmaDocument, SigmaFilter } from './read/sigma-document.js'

/** A rule and the log source that its fields are from. */
export interface SourcedRule {
  readonly rule: CompiledRule
  readonly source: LogSource
}

/** The compiled documents of one load. */
export interface SigmaDocuments {
  /** Rules that compiled, in load order. */
  readonly rules: ReadonlyMap<SigmaDocument, SourcedRule>
  /** In load order. */
  readonly correlations: readonly CorrelationDocument[]
  /** Documents that did not compile, with the mistake. */
  readonly broken: ReadonlyMap<SigmaDocument, LoadError>
  readonly index: NamedRules<SigmaDocument>
}

/** Takes documents in load order, then compiles them together. */
export class SigmaLoader {
  readonly #context: SigmaContext
  readonly #documents: SigmaDocument[] = []
  readonly #index = new NamedRules<SigmaDocument>()
  /** The first place of each id: alerts name the rule by it. */
  readonly #places = new Map<string, FilePlace>()
  readonly #broken = new Map<SigmaDocument, LoadError>()
  /** Filters compiled for each log source: all rules of the source share them. */
  readonly #filters = new Map<SigmaFilter, Map<string, AppliedFilter | null>>()

  /** null if a pipeline has mistakes: the meaning of rules is unknown then. */
  readonly #pipelines: readonly Pipeline[] | null

  constructor(report: LoadReport, options: LoadOptions) {
    this.#pipelines = readPipelines(options.pipelines ?? [], report)
    this.#context = { logSources: new LogSources(), placeholders: options.placeholders ?? {}, report }
  }

  /** Reads a document. A document with mistakes is quarantined. */
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
  compile(): SigmaDocuments {
    const filters = this.#documents.filter((document) => document.kind === 'filter').filter((filter) => this.#isWhole(filter))
    const filterSet = new FilterSet(filters, this.#index, this.#context.report)
    const rules = new Map<SigmaDocument, SourcedRule>()
    for (const document of this.#documents) {
      if (document.kind !== 'rule') continue
      const rule = this.#compileRule(document, filterSet)
      if (rule !== null) rules.set(document, { rule, source: this.#sourceOf(document) })
    }
    const correlations = this.#documents.filter((document) => document.kind === 'correlation').filter((document) => this.#isFirst(document))
    return { rules, correlations, broken: this.#broken, index: this.#index }
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

  /** False, with an error in the report, for an id that an earlier rule has. */
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

  /** Compiles a filter for its own log source, so that its mistakes are reported once. */
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
    // Mistakes of the filter itself are reported already.
    const applied = compileFilter(filter, this.#sourceOf(rule), { ...this.#context, report: new LoadReport() })
    compiled.set(key, applied)
    if (applied === null)
      this.#context.report.warn('LOAD_FILTER_NOT_APPLIED', `does not fit ${key}`, filter.metadata.title, filter.metadata.place)
    return applied
  }

  #sourceOf({ detection }: RuleDocument): LogSource {
    return this.#context.logSources.find(detection.logSource)
  }
}
