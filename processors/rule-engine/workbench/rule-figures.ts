// What each rule did and cost: on recorded events, or from the metrics page of a running `run` or `process`. The page comes from another
// process, so it is bounded and parsed strictly.
import { oneOf } from './rule-list.js'
import { UsageError, messageOf } from '../../../infra/process/errors.js'
import { createCompiledEvaluator } from '../compiled/compiled-evaluator.js'
import type { RuleMatching } from '../evaluate/plain-evaluator.js'
import { RuleStatistics } from '../evaluate/rule-statistics.js'
import type { RuleEvent } from '../fields/rule-event.js'
import type { RuleSet } from '../rule-set/rule-set.js'
import { BodyTooLongError, readBody } from '../../../infra/waiting/http-body.js'
import { EVENTS_METRIC, RULE_METRICS } from '../load/rules-in-force.js'

/** Figures of one rule. */
export interface TopRule {
  readonly name: string
  readonly evaluated: number
  readonly matched: number
  readonly seconds: number
  /** Events that were judged meanwhile; 0 if that is not known. */
  readonly events: number
}

/** Orders of a list of figures. */
export const TOP_ORDERS = ['time', 'cost', 'evaluated', 'matched', 'name'] as const
/** One of them. */
export type TopOrder = (typeof TOP_ORDERS)[number]

/** Microseconds per evaluation. */
export function costUs({ seconds, evaluated }: TopRule): number {
  return evaluated === 0 ? 0 : (seconds / evaluated) * 1e6
}

const KEYS: Readonly<Record<Exclude<TopOrder, 'name'>, (rule: TopRule) => number>> = {
  time: ({ seconds }) => seconds,
  cost: costUs,
  evaluated: ({ evaluated }) => evaluated,
  matched: ({ matched }) => matched,
}

/** Share of the events that the filter lets through to the rule; null if it is not known. */
export function shareOf({ evaluated, events }: TopRule): number | null {
  return events === 0 ? null : evaluated / events
}

/** Highest first; equal ones by name. */
export function sortedRules(rules: readonly TopRule[], order: TopOrder): TopRule[] {
  const byName = (a: TopRule, b: TopRule): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  if (order === 'name') return [...rules].sort(byName)
  const key = KEYS[order]
  return [...rules].sort((a, b) => key(b) - key(a) || byName(a, b))
}

/** The order with this name. @throws UsageError that suggests the nearest name */
export function orderOf(text: string): TopOrder {
  return oneOf('order', text, TOP_ORDERS)
}

/** Figures of rules on recorded events. @throws UsageError if there are no events */
export async function rulesOnEvents(ruleSet: RuleSet, matching: RuleMatching, events: AsyncIterable<RuleEvent>): Promise<TopRule[]> {
  const evaluator = createCompiledEvaluator(ruleSet, { matching, timedEvery: 1, coldRecords: 0 })
  let count = 0
  for await (const event of events) {
    evaluator.evaluate(event)
    count++
  }
  if (count === 0) throw new UsageError('no event to evaluate: record some with eunomia collect --output json')
  const statistics = evaluator.statistics ?? new RuleStatistics([])
  return statistics
    .figures()
    .map(({ rule, evaluated, matched, seconds }) => ({ name: rule.name, evaluated, matched, seconds, events: count }))
}

const TIMEOUT_MS = 5_000
const MAX_PAGE_BYTES = 32 * 1024 * 1024

/** Figures from a metrics page. @throws UsageError if the address does not answer, or the page has no rule figures */
export async function rulesOfPage(url: string): Promise<TopRule[]> {
  const rules = parsePage(await pageAt(url))
  if (rules.length === 0) {
    throw new UsageError(`${url} has no figures of rules: use the metrics page of eunomia run or of eunomia process detect`)
  }
  return rules
}

async function pageAt(url: string): Promise<string> {
  if (!/^https?:\/\//.test(url)) throw new UsageError(`expected a URL like http://127.0.0.1:9464/metrics, not '${url}'`)
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    if (!response.ok) throw new UsageError(`${url} answers ${String(response.status)}: expected a metrics page`)
    return await readBody(response.body, MAX_PAGE_BYTES)
  } catch (error) {
    if (error instanceof UsageError) throw error
    if (error instanceof BodyTooLongError)
      throw new UsageError(`${url} is larger than ${String(MAX_PAGE_BYTES)} bytes: not a metrics page`, { cause: error })
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
    throw new UsageError(`${url} does not answer: ${messageOf(cause)}; is eunomia run or process running with --metrics-port?`, {
      cause: error,
    })
  }
}

const LINE = /^(\w+)\{rule="((?:[^"\\\n]|\\.)*)"\} ([0-9.eE+-]+)$/gm
const EVENTS_LINE = new RegExp(`^${EVENTS_METRIC} ([0-9.e+]+)$`, 'm')
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', '"': '"', '\\': '\\' }

/** Figures from a page in the Prometheus text format. */
export function parsePage(page: string): TopRule[] {
  const rules = new Map<string, { name: string; evaluated: number; matched: number; seconds: number; events: number }>()
  const events = Number(EVENTS_LINE.exec(page)?.[1] ?? 0)
  for (const [, metric, label = '', value] of page.matchAll(LINE)) {
    const figure = (Object.keys(RULE_METRICS) as (keyof typeof RULE_METRICS)[]).find((name) => RULE_METRICS[name] === metric)
    const number = Number(value)
    if (figure === undefined || !Number.isFinite(number)) continue
    const name = label.replace(/\\(.)/g, (whole, char: string) => ESCAPES[char] ?? whole)
    const rule = rules.get(name) ?? { name, evaluated: 0, matched: 0, seconds: 0, events }
    rule[figure] = number
    rules.set(name, rule)
  }
  return [...rules.values()]
}
