// What `process` says of correlations that it does not judge.
import type { Logger } from '../infra/process/logger.js'
import type { Metrics } from '../infra/process/metrics.js'
import type { RuleSet } from '../processors/rule-engine/rule-set/rule-set.js'

/** Names of correlations in one line of the log. */
const MAX_NAMED = 20

/**
 * Windows in the memory of an instance hold only what its partitions gave, and are lost when those move: a correlation would be half right and nobody
 * would see it. So none is judged here, and that is told.
 */
export function tellWaitingCorrelations(rules: { readonly ruleSet: RuleSet }, log: Logger, metrics: Metrics): void {
  const help = 'Correlations in force that are not judged here, for instances have no windows in common yet'
  metrics.sampledGauge('eunomia_correlations_not_judged', help, () => rules.ruleSet.activeCorrelations.length)
  const { activeCorrelations } = rules.ruleSet
  if (activeCorrelations.length === 0) return
  const names = activeCorrelations.slice(0, MAX_NAMED).map(({ name }) => name)
  const message =
    'correlations wait: instances of detect have no windows in common yet; rules that only feed them give no alerts. eunomia run judges them'
  log.warn({ correlations: names, count: activeCorrelations.length }, message)
}
