// The filters of a rule: those that name it, or all rules, and whose log source covers that of the rule. A filter that can't be applied is reported, because
// its author expects fewer alerts.
import type { LoadReport } from '../read/load-report.js'
import { logSourceText, type LogSourceNames } from './log-source/log-source.js'
import type { NamedRules } from './named-rules.js'
import type { RuleDocument, SigmaDocument, SigmaFilter } from './read/sigma-document.js'

/** Most filters of one rule. */
const MAX_FILTERS = 100

/** The filters of one load. */
export class FilterSet {
  readonly #forAll: readonly SigmaFilter[]
  readonly #named = new Map<SigmaDocument, SigmaFilter[]>()

  /** Warns about references to no rule, or to a rule that the filter does not fit. */
  constructor(filters: readonly SigmaFilter[], index: NamedRules<SigmaDocument>, report: LoadReport) {
    this.#forAll = filters.filter(({ rules }) => rules === null)
    for (const filter of filters) {
      for (const { text, place } of filter.rules ?? []) {
        const found = index.find(text)
        if ('problem' in found) report.warn('LOAD_UNKNOWN_RULE', `the filter is for none: ${found.problem}`, filter.metadata.title, place)
        else {
          const problem = misfit(filter, found.item)
          if (problem === null) this.#add(found.item, filter)
          else report.warn('LOAD_FILTER_NOT_APPLIED', problem, filter.metadata.title, place)
        }
      }
    }
  }

  /** In load order. */
  filtersOf(rule: RuleDocument, report: LoadReport): readonly SigmaFilter[] {
    const general = this.#forAll.filter(({ detection }) => takesIn(detection.logSource, rule.detection.logSource))
    const all = [...general, ...(this.#named.get(rule) ?? [])]
    if (all.length > MAX_FILTERS) {
      const message = `of ${String(all.length)} filters only the first ${String(MAX_FILTERS)} are applied`
      report.warn('LOAD_FILTER_NOT_APPLIED', message, rule.metadata.title, rule.metadata.place)
    }
    return all.slice(0, MAX_FILTERS)
  }

  #add(document: SigmaDocument, filter: SigmaFilter): void {
    const filters = this.#named.get(document)
    if (filters === undefined) this.#named.set(document, [filter])
    else if (!filters.includes(filter)) filters.push(filter)
  }
}

function misfit({ detection: { logSource } }: SigmaFilter, document: SigmaDocument): string | null {
  const { title } = document.metadata
  if (document.kind !== 'rule') return `'${title}' is a ${document.kind}: filters are for rules of events`
  const ofRule = document.detection.logSource
  if (takesIn(logSource, ofRule)) return null
  return `does not apply to '${title}': that rule is of ${logSourceText(ofRule)}, the filter of ${logSourceText(logSource)}`
}

/** Whether the log source of the filter covers that of the rule. */
function takesIn(filter: LogSourceNames, rule: LogSourceNames): boolean {
  return (['product', 'category', 'service'] as const).every((key) => filter[key] === null || filter[key] === rule[key])
}
