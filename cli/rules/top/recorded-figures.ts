// The figures of rules on recorded events: judged here, as `run` would.
import { UsageError } from '../../../infra/process/errors.js'
import { createIndexedEvaluator } from '../../../processors/rule-engine/evaluate/indexed/indexed-evaluator.js'
import type { RuleMatching } from '../../../processors/rule-engine/evaluate/plain-evaluator.js'
import { RuleStatistics } from '../../../processors/rule-engine/evaluate/rule-statistics.js'
import type { JudgedEvent } from '../../../processors/rule-engine/fields/judged-event.js'
import type { RuleSet } from '../../../processors/rule-engine/rule-set/rule-set.js'
import type { TopRule } from './top-rule.js'

/** @throws UsageError for events of which none is one */
export async function rulesOnEvents(ruleSet: RuleSet, matching: RuleMatching, events: AsyncIterable<JudgedEvent>): Promise<TopRule[]> {
  const evaluator = createIndexedEvaluator(ruleSet, { matching, timedEvery: 1 })
  let count = 0
  for await (const event of events) {
    evaluator.judge(event)
    count++
  }
  if (count === 0) throw new UsageError('--events: no event to judge: record some with eunomia collect --output json')
  const statistics = evaluator.statistics ?? new RuleStatistics([])
  return statistics.figures().map(({ rule, evaluated, matched, seconds }) => ({ name: rule.name, evaluated, matched, seconds }))
}
