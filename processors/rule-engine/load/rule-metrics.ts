// What the rules in force did, as metrics. Read from their statistics when somebody asks for the page, so that a scrape costs and an event does not.
import type { Metrics, Sample } from '../../../infra/process/metrics.js'
import type { RuleFigures, RuleStatistics } from '../evaluate/rule-statistics.js'

/** Names of the metrics, each with the label `rule`; `rules top` reads them. */
export const RULE_METRICS = {
  evaluated: 'eunomia_rule_evaluated_total',
  matched: 'eunomia_rule_matched_total',
  seconds: 'eunomia_rule_seconds_total',
} as const

/** Adds them. @param statistics of the set in force: a reload begins anew at 0 */
export function addRuleMetrics(metrics: Metrics, statistics: () => RuleStatistics | undefined): void {
  const add = (name: string, help: string, read: (figures: RuleFigures) => number): void =>
    metrics.sampled('counter', name, help, ['rule'], () =>
      (statistics()?.figures() ?? []).map((figures): Sample => [[figures.rule.name], read(figures)]),
    )
  add(RULE_METRICS.evaluated, 'Times the condition of a rule was judged', ({ evaluated }) => evaluated)
  add(RULE_METRICS.matched, 'Times a rule held', ({ matched }) => matched)
  add(RULE_METRICS.seconds, 'Time spent on a rule, estimated from one judgement of 64', ({ seconds }) => seconds)
}
