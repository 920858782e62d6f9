// Runs scenarios: a sequence of events through the whole rule set, including correlations. Every alert counts.
import type { RuleSet } from '../../rule-set/rule-set.js'
import { EventSequence } from '../../correlation/event-sequence.js'
import { firingText } from '../../correlation/correlation-alert.js'
import type { FilledTemplate } from '../../output/fill-template.js'
import { priorityName, type RulePriority } from '../../rule-set/priority.js'
import { alertText, prepareRules, explained, verdictsOf } from '../event-verdicts.js'
import { sourceOf, timeOfEvent } from '../given-events/given-event.js'
import { alertDifference, failed, passed, type CaseResult, type Scenario, type ScenarioAlert } from './rule-test.js'
import { ruleOf } from './run-cases.js'

/** Start of scenarios: any fixed time will do. 2026-01-01 00:00 UTC. */
const BEGIN_US = Date.UTC(2026, 0, 1) * 1000

interface ActualAlert extends FilledTemplate {
  readonly rule: string
  readonly id: string
  readonly priority: string
  /** From 1. */
  readonly event: number
}

/** Runs each scenario through the whole set, including correlations. */
export function runScenarios(ruleSet: RuleSet, scenarios: readonly Scenario[]): CaseResult[] {
  return scenarios.map((scenario) => runScenario(ruleSet, scenario))
}

function runScenario(ruleSet: RuleSet, scenario: Scenario): CaseResult {
  const wanted = scenario.alerts.reduce((sum, alert) => sum + alert.times, 0)
  const head = { file: scenario.file, rule: 'scenario', name: scenario.name, expected: alertsText(wanted) }
  const known = [...ruleSet.rules, ...ruleSet.correlations]
  const unknown = [...scenario.rules, ...scenario.alerts.map(({ rule }) => rule)].find((name) => ruleOf(known, name) === undefined)
  if (unknown !== undefined) return failed(head, `there is no rule or correlation named '${unknown}'`)
  const got = alertsOf(ruleSet, scenario)
  const { diff, missing } = difference(scenario.alerts, got)
  if (diff.length === 0) return passed(head)
  return failed(head, alertsText(got.length), { diff, why: missing === null ? null : whyMissing(ruleSet, scenario, missing) })
}

const alertsText = (count: number): string => (count === 1 ? '1 alert' : `${String(count)} alerts`)

function alertsOf(ruleSet: RuleSet, scenario: Scenario): ActualAlert[] {
  const isWanted = ({ name, id }: { readonly name: string; readonly id: string }): boolean =>
    scenario.rules.length === 0 || scenario.rules.includes(name) || scenario.rules.includes(id)
  const prepared = prepareRules(
    ruleSet.rules.filter((rule) => (scenario.rules.length === 0 ? rule.isEnabled : isWanted(rule) || rule.feeds !== undefined)),
  )
  const sequence = new EventSequence()
  const alerts: ActualAlert[] = []
  for (const [index, { event, atUs }] of scenario.events.entries()) {
    sequence.next(atUs === null ? timeOfEvent(event) : BEGIN_US + atUs)
    for (const { rule, verdict, isShadowed } of verdictsOf(event, prepared, scenario.matching)) {
      if (verdict !== true || isShadowed) continue
      sequence.matched(rule, sourceOf(event))
      if (rule.feeds?.isSilent === true || !isWanted(rule)) continue
      alerts.push({ ...who(rule), event: index + 1, ...alertText(event, rule) })
    }
  }
  for (const firing of sequence.firings()) {
    if (isWanted(firing.correlation))
      alerts.push({ ...who(firing.correlation), event: firing.completing.evidence + 1, ...firingText(firing) })
  }
  return alerts
}

interface Named {
  readonly name: string
  readonly id: string
  readonly level: string | null
  readonly priority: RulePriority
}
function who({ name, id, level, priority }: Named): Pick<ActualAlert, 'rule' | 'id' | 'priority'> {
  return { rule: name, id, priority: level ?? priorityName(priority) }
}

/** Pairs each expected alert with an actual one. The rest on either side is the difference. */
function difference(expected: readonly ScenarioAlert[], got: readonly ActualAlert[]): { diff: string[]; missing: ScenarioAlert | null } {
  const left = [...got]
  const diff: string[] = []
  let missing: ScenarioAlert | null = null
  for (const alert of expected.flatMap((one) => Array.from({ length: one.times }, () => one))) {
    const candidates = left.filter(
      (one) => (one.rule === alert.rule || one.id === alert.rule) && (alert.event === null || one.event === alert.event),
    )
    const [first] = candidates
    const fitting = candidates.find((one) => alertDifference(alert, one, one.priority).length === 0) ?? first
    if (fitting === undefined) {
      missing ??= alert
      diff.push(`- ${alert.rule}${alert.event === null ? '' : ` at event ${String(alert.event)}`}`)
      continue
    }
    left.splice(left.indexOf(fitting), 1)
    const lines = alertDifference(alert, fitting, fitting.priority)
    if (lines.length > 0) diff.push(`  ${fitting.rule} at event ${String(fitting.event)}`, ...lines)
  }
  return { diff: [...diff, ...left.map((one) => `+ ${one.rule} at event ${String(one.event)}: ${one.output}`)], missing }
}

/** The evaluated condition of the rule that should have matched, for the event that it should have matched. */
function whyMissing({ rules }: RuleSet, { events }: Scenario, { rule: wanted, event }: ScenarioAlert): CaseResult['why'] {
  const rule = ruleOf(rules, wanted)
  const given = events[(event ?? 1) - 1]
  return rule === undefined || given === undefined ? null : explained(given.event, rule)
}
