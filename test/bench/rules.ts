// All rules of Falco and Sigma over a realistic stream of events, from Avro bytes to verdicts on one core: 70 % opens, 20 % execs, 10 % the
// rest, one event of a thousand that a rule matches. Next to it, from the same run: scan and decoding alone, the share of events that the filter leaves, the
// same with the shipped rules and with every rule twice, the plain evaluator, and every rule evaluated alone.
//   node dist/test/bench/rules.js [runs] [events] [--costly N]
// --costly N: the N rules that cost most, each evaluated alone. Medians of the runs; one JSON line per figure.
import { Codec } from '../../schemas/codec.js'
import type { ContainerFacts } from '../../schemas/generated/types.js'
import { loadRules } from '../../processors/rule-engine/load/load-rules.js'
import { join } from 'node:path'
import { packageRoot } from '../../infra/process/package-root.js'
import { createCompiledEvaluator } from '../../processors/rule-engine/compiled/compiled-evaluator.js'
import { RecordScanners } from '../../processors/rule-engine/compiled/record-scanners.js'
import { readRuleFiles } from '../../processors/rule-engine/load/rule-files.js'
import { createPlainEvaluator } from '../../processors/rule-engine/evaluate/plain-evaluator.js'
import type { Evaluator } from '../../processors/rule-engine/evaluate/evaluator.js'
import { RULE_TOPICS, type ContainerKnowledge, type RuleEvent, type RuleTopic } from '../../processors/rule-engine/fields/rule-event.js'
import { createRuleSet, type RuleSet } from '../../processors/rule-engine/rule-set/rule-set.js'
import { eventTypeOf } from '../../processors/rule-engine/fields/record/event-type.js'
import { eventMixture } from '../support/generator/event-mixture.js'
import { decodedEvent, encodedEvent, viewedEvent } from '../support/generator/stored-event.js'
import { falcoTargets, sigmaTargets } from '../support/generator/targets.js'
import { medianCpuUs, printFigure } from '../support/load/cpu-cost.js'
import { ruleCorpus, type RuleCorpus } from '../support/rule-corpus.js'

const SEED = 20_260_724
const MATCH_SHARE = 0.001
const LOADS = 5

/** An event as it comes from its topic, with what the near-cache knows of its container. */
interface StoredEvent {
  readonly topic: RuleTopic
  /** The value is bytes[start, end): all are in one buffer, as in a fetched batch. */
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  readonly container: ContainerKnowledge
  readonly eventType: string
}

const numbers = process.argv.slice(2).filter((argument) => /^[0-9]+$/.test(argument))
const costlyAt = process.argv.indexOf('--costly')
const costly = costlyAt < 0 ? 0 : Number(process.argv[costlyAt + 1])
const runs = Number(numbers[0] ?? 7)
const count = Number(numbers[1] ?? 50_000)
const codec = new Codec()
const scanners = new RecordScanners(codec)

const corpus = ruleCorpus()
if (corpus === null) {
  process.stderr.write('skipped: the rules of Falco and Sigma are not next to this checkout (EUNOMIA_SHARED)\n')
} else {
  benchRules(corpus)
}

function benchRules(corpus: RuleCorpus): void {
  const ruleSet = benchLoad(corpus)
  const evaluator = createCompiledEvaluator(ruleSet, { coldRecords: 0 })
  const events = storedMixture(corpus, evaluator)
  benchBuild(ruleSet)
  const decoding = benchDecode(events)
  benchBytes('bytes to verdicts, all rules', ruleSet, events, decoding)
  benchBytes('the same, every rule twice', twice(ruleSet), events, decoding)
  benchBytes('the same, the shipped rules', loadRules(readRuleFiles([join(packageRoot(), 'rules')]).files).ruleSet, events, decoding)
  benchEvaluation('decoded to verdicts, all rules', events, (event) => void evaluator.evaluate(event), decoding)
  const plain = createPlainEvaluator(ruleSet)
  const some = events.slice(0, Math.ceil(events.length / 4))
  benchEvaluation('the same, plain evaluator', some, (event) => void plain.evaluate(event), decoding)
  for (const type of [...new Set(events.map(({ eventType }) => eventType))].sort()) {
    const ofType = events.filter(({ eventType }) => eventType === type)
    if (ofType.length < events.length / 200) continue // too few for a figure
    const cost = medianCpuUs(runs, () => judge(evaluator, ofType)) / ofType.length
    printFigure('rules', 'by type', { eventType: type, events: ofType.length, cpuUsPerEvent: cost })
  }
  const alone = ruleSet.activeRules.map((rule) => createPlainEvaluator(createRuleSet([rule])))
  const askAll = (event: RuleEvent): void => {
    for (const one of alone) one.evaluate(event)
  }
  benchEvaluation('view and judge, each rule asked alone', events.slice(0, Math.ceil(events.length / 10)), askAll, decoding)
  if (costly > 0) printCostly(ruleSet, alone, events.slice(0, Math.ceil(events.length / 10)))
}

/** Each rule a second time, under another name. */
function twice({ rules }: RuleSet): RuleSet {
  return createRuleSet([...rules, ...rules.map((rule) => ({ ...rule, id: `${rule.id} again`, name: `${rule.name} again` }))])
}

/** As detect does. @returns how many events the bytes leave, and how many rules are evaluated on them */
function judge(evaluator: Evaluator, events: readonly StoredEvent[]): { readonly left: number } {
  let left = 0
  for (const { topic, bytes, start, end, container } of events) {
    const scanned = scanners.of(topic).scan(bytes, start, end)
    const factsOf = (): ContainerFacts | null => (container.state === 'known' ? container.facts : null)
    const candidates = scanned === null ? null : (evaluator.candidates?.(topic, scanned, factsOf) ?? null)
    if (scanned !== null && candidates === null) continue
    left++
    evaluator.evaluate({ event: viewedEvent(codec, topic, bytes, start, end), container }, candidates)
  }
  return { left }
}

function benchBytes(figure: string, ruleSet: RuleSet, events: readonly StoredEvent[], decodeUs: number): void {
  const evaluator = createCompiledEvaluator(ruleSet, { coldRecords: 0 })
  const { left } = judge(evaluator, events)
  const evaluated = (evaluator.statistics?.figures() ?? []).reduce((sum, rule) => sum + rule.evaluated, 0)
  const us = medianCpuUs(runs, () => judge(evaluator, events)) / events.length
  printFigure('rules', figure, {
    active: ruleSet.activeRules.length,
    cpuUsPerEvent: us,
    eventsPerCpuSecond: 1e6 / us,
    ratioToDecoding: us / decodeUs,
    leftByBytes: left / events.length,
    rulesEvaluatedPerEvent: evaluated / events.length,
  })
}

/** Time and memory of the filters of all types, as detect prepares them: in steps, between which the event loop does other work. */
function benchBuild(ruleSet: RuleSet): void {
  const before = process.memoryUsage()
  const evaluator = createCompiledEvaluator(ruleSet, { coldRecords: 0 })
  const times: number[] = []
  for (const topic of RULE_TOPICS) {
    const steps = evaluator.preparation?.(scanners.of(topic).symbols)
    for (let isDone = steps === undefined; !isDone;) {
      const start = process.cpuUsage()
      isDone = steps?.next().done !== false
      const { user, system } = process.cpuUsage(start)
      times.push((user + system) / 1000)
    }
  }
  const after = process.memoryUsage()
  const bytes = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers
  const cpuMs = times.reduce((sum, ms) => sum + ms, 0)
  printFigure('rules', 'build filters', { steps: times.length, cpuMs, longestMs: Math.max(...times), bytes })
}

function benchLoad({ falco, sigma }: RuleCorpus): RuleSet {
  const files = [...falco, ...sigma]
  let { ruleSet } = loadRules(files)
  const cpuMs = medianCpuUs(LOADS, () => ({ ruleSet } = loadRules(files))) / 1000
  const { rules, activeRules } = ruleSet
  printFigure('rules', 'load', { files: files.length, rules: rules.length, active: activeRules.length, cpuMs })
  return ruleSet
}

function storedMixture({ falco, sigma }: RuleCorpus, evaluator: Evaluator): StoredEvent[] {
  const textsOf = (files: RuleCorpus['falco']): string[] => files.map(({ text }) => text)
  const events = eventMixture({
    seed: SEED,
    count,
    matchShare: MATCH_SHARE,
    targets: [...falcoTargets(textsOf(falco)), ...sigmaTargets(textsOf(sigma))],
    isMatch: (ruleEvent) => isMatch(ruleEvent, evaluator),
  })
  const values = events.map(({ event }) => encodedEvent(codec, event))
  const all = new Uint8Array(values.reduce((sum, { length }) => sum + length, 0))
  let end = 0
  const stored = events.map(({ event, container }, index): StoredEvent => {
    const value = values[index] ?? new Uint8Array()
    const start = end
    end += value.length
    all.set(value, start)
    return { topic: event.topic, bytes: all, start, end, container, eventType: eventTypeOf(event) ?? 'none' }
  })
  const bytes = all.length / count
  const matching = events.filter((ruleEvent) => isMatch(ruleEvent, evaluator)).length
  printFigure('rules', 'stream', { events: count, matching, bytesPerEvent: bytes })
  return stored
}

/** Evaluated as in detect, from bytes, so that the code is warmed up with realistic input. */
function isMatch({ event, container }: RuleEvent, evaluator: Evaluator): boolean {
  const seen = viewedEvent(codec, event.topic, encodedEvent(codec, event))
  return evaluator.evaluate({ event: seen, container }).matched.length > 0
}

function cpuUsPerEvent(events: readonly StoredEvent[], evaluate: (event: RuleEvent) => void): number {
  const work = (): void => {
    for (const { topic, bytes, start, end, container } of events)
      evaluate({ event: viewedEvent(codec, topic, bytes, start, end), container })
  }
  return medianCpuUs(runs, work) / events.length
}

/** The base of all ratios: every event decoded whole. Next to it the cost of a view of which nothing is read. */
function benchDecode(events: readonly StoredEvent[]): number {
  const us =
    medianCpuUs(runs, () => events.forEach(({ topic, bytes, start, end }) => decodedEvent(codec, topic, bytes, start, end))) / events.length
  const viewUs = cpuUsPerEvent(events, () => undefined)
  const scanUs =
    medianCpuUs(runs, () => events.forEach(({ topic, bytes, start, end }) => scanners.of(topic).scan(bytes, start, end))) / events.length
  printFigure('rules', 'decode alone', { cpuUsPerEvent: us, eventsPerCpuSecond: 1e6 / us, viewUs, scanUs })
  return us
}

function benchEvaluation(figure: string, events: readonly StoredEvent[], evaluate: (event: RuleEvent) => void, decodeUs: number): void {
  const us = cpuUsPerEvent(events, evaluate)
  printFigure('rules', figure, { cpuUsPerEvent: us, eventsPerCpuSecond: 1e6 / us, ratioToDecoding: us / decodeUs })
}

function printCostly(ruleSet: RuleSet, alone: readonly Evaluator[], events: readonly StoredEvent[]): void {
  const ruleEvent = events.map((event) => ({
    event: decodedEvent(codec, event.topic, event.bytes, event.start, event.end),
    container: event.container,
  }))
  const costs = alone.map((evaluator, at) => {
    const asked = ruleEvent.filter(({ event }) => evaluator.eventTypes.has(eventTypeOf(event) ?? ''))
    const us = medianCpuUs(3, () => asked.forEach((event) => evaluator.evaluate(event)))
    const rule = ruleSet.activeRules[at]?.name ?? ''
    return {
      rule,
      asked: asked.length,
      nsPerAsked: asked.length === 0 ? 0 : (us * 1000) / asked.length,
      nsPerEvent: (us * 1000) / ruleEvent.length,
    }
  })
  const total = costs.reduce((sum, { nsPerEvent }) => sum + nsPerEvent, 0)
  printFigure('rules', 'cost per rule', { rules: costs.length, meanNsPerEvent: total / costs.length })
  for (const cost of costs.sort((a, b) => b.nsPerEvent - a.nsPerEvent).slice(0, costly)) printFigure('rules', 'costly rule', cost)
}
