// The function `detect`: evaluates the rules in force on process, file, network and kernel events, with what is known about their containers, and
// emits alerts. What depends on facts not yet known goes to the topic `pending`, which it reads too (pending.ts). Hot path: one pass
// skips what no rule can match, by the bytes alone, and collects the containers of the rest; at most one await reads those that are not in the near-cache,
// and a second pass evaluates. Events are views over the bytes of the batch; only one with a result is decoded as a whole.
import { TOPICS } from '../../../infra/topic-log/topics.js'
import { inSlices } from '../../../infra/waiting/steps.js'
import type { Codec } from '../../../schemas/codec.js'
import type { ContainerFacts, PendingEvent } from '../../../schemas/generated/types.js'
import { defineFunction, type HandledFunction } from '../../function.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import type { Membership } from '../../membership/membership.js'
import type { HostBoot } from '../../membership/membership-key.js'
import { RULE_TOPICS, type RuleEvent, type RuleRecord, type RuleTopic } from '../../rule-engine/fields/rule-event.js'
import type { ScannedRecord } from '../../rule-engine/fields/bytes/scanned-record.js'
import type { Candidates, Evaluator } from '../../rule-engine/evaluate/evaluator.js'
import type { RulesProvider } from '../../rule-engine/load/rules-in-force.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import { DEFAULT_PENDING, emitAlerts, verdictOn, type DetectRun, type PendingSettings } from './detect-run.js'
import { EventReader } from './event-reader.js'
import { KnownContainers } from './known-containers.js'
import { MatchFeed, type CorrelationSink } from './match-feed.js'
import { evaluatePending } from './pending.js'

/** What detect needs. */
export interface DetectOptions {
  readonly codec: Codec
  readonly rules: RulesProvider
  /** Read again for each batch. */
  readonly pending?: Partial<PendingSettings>
  /** Correlates matches; without it matches that feed correlations are only counted. */
  readonly correlations?: CorrelationSink
}

/** Creates the function. */
export function detectFunction({ codec, rules, pending, correlations }: DetectOptions): HandledFunction {
  const reader = new EventReader(codec)
  return defineFunction({
    name: 'detect',
    inputs: [...RULE_TOPICS, 'pending'],
    outputs: ['alerts', 'pending'],
    async handle(batch, context) {
      const settings = { ...DEFAULT_PENDING, ...pending }
      const feed = new MatchFeed(correlations ?? null, context)
      const run = { batch, context, reader, settings, feed, containers: containersOf(context.membership), evaluator: rules.current() }
      await prepare(run)
      await (batch.topic === 'pending' ? evaluatePending(run) : evaluateEvents(run))
      await feed.flush(batch.topic)
    },
  })
}

/** What is remembered of containers is true for one store. */
const CONTAINERS = new WeakMap<Membership, KnownContainers>()

function containersOf(membership: Membership): KnownContainers {
  const known = CONTAINERS.get(membership) ?? new KnownContainers()
  CONTAINERS.set(membership, known)
  return known
}

/** What was or is being prepared: the lanes that need the same wait for the same. */
const PREPARED = new WeakMap<Evaluator, Map<RuleTopic, Promise<void>>>()

/** Before a batch, as soon as a topic is worth it under new rules: in slices, so that it does not keep the event loop for long. */
async function prepare({ batch, evaluator, reader }: DetectRun): Promise<void> {
  // What waits is of any topic.
  for (const topic of RULE_TOPICS) if (batch.topic === 'pending' || batch.topic === topic) await prepareTopic(topic, evaluator, reader)
}

function prepareTopic(topic: RuleTopic, evaluator: Evaluator, reader: EventReader): Promise<void> | undefined {
  const byTopic = PREPARED.get(evaluator) ?? new Map<RuleTopic, Promise<void>>()
  PREPARED.set(evaluator, byTopic)
  const known = byTopic.get(topic)
  if (known !== undefined) return known
  const steps = evaluator.preparation?.(reader.symbols(topic)) ?? null
  if (steps === null) return undefined
  const prepared = inSlices(steps)
  byTopic.set(topic, prepared)
  prepared.catch(() => byTopic.delete(topic))
  return prepared
}

async function evaluateEvents(run: DetectRun): Promise<void> {
  const { batch, context, evaluator, reader } = run
  const lookup = new ContainerLookup(context.membership)
  const survivors = readSurvivors(run, lookup)
  if (!lookup.isComplete) await lookup.load()
  batch.rewind()
  let index = -1
  for (const survivor of survivors) {
    const { event, candidates } = survivor
    const container = lookup.knowledgeOf(event.record)
    const verdict = verdictOn({ event, container }, evaluator, candidates)
    if (verdict.kind === 'none') continue
    // What follows belongs to the current record.
    for (; index < survivor.index; index++) batch.next()
    if (!isOfItsHost(run, event)) continue
    const ruleEvent = { event: reader.event(batch), container }
    if (verdict.kind === 'alert') emitAlerts(run, ruleEvent, verdict.rules)
    else emitPending(run, ruleEvent, verdict.rules)
  }
}

/** The event is one of the host that its key names; any other is a failed record, and nothing follows from it. */
function isOfItsHost({ batch, context }: DetectRun, event: RuleRecord): boolean {
  try {
    batch.requireHost(event.record.origin.hostId)
    return true
  } catch (error) {
    context.fail(error)
    return false
  }
}

/** An event that rules may match. */
interface Survivor {
  /** In the batch. */
  readonly index: number
  readonly event: RuleRecord
  /** What its bytes leave of the rules; null if they did not say. */
  readonly candidates: Candidates | null
}

/** The events of the batch without those that can't be read, or that no rule can match. */
function readSurvivors({ batch, containers, context, evaluator, reader, feed }: DetectRun, lookup: ContainerLookup): readonly Survivor[] {
  const survivors: Survivor[] = []
  const topic = evaluator.candidates === undefined ? undefined : RULE_TOPICS.find((each) => each === batch.topic)
  const find = (origin: HostBoot, containerId: string): ContainerFacts | null => lookup.cachedFacts(origin, containerId)
  const factsOf = (record: ScannedRecord): ContainerFacts | null => containers.factsOf(record, find)
  const scan = topic === undefined ? null : reader.scanOf(topic)
  let skipped = 0
  for (let index = 0; batch.next(); index++) {
    feed.saw(batch.timestampMs)
    try {
      const scanned = scan === null ? null : batch.value(scan)
      const candidates = scanned === null || topic === undefined ? null : (evaluator.candidates?.(topic, scanned, factsOf) ?? null)
      if (scanned !== null && candidates === null) {
        skipped++
        continue
      }
      const event = reader.view(batch)
      lookup.ask(event.record)
      survivors.push({ index, event, candidates })
    } catch (error) {
      context.fail(error)
    }
  }
  if (skipped > 0) context.metrics.counter('eunomia_detect_skipped_total', SKIPPED).with().add(skipped)
  return survivors
}

const SKIPPED = 'Events that no rule can match, by their bytes alone'

function emitPending({ batch, context, evaluator, settings, feed }: DetectRun, ruleEvent: RuleEvent, rules: readonly CompiledRule[]): void {
  const { event, container } = ruleEvent
  const { origin, process } = event.record
  const nowUs = context.clock.nowUs()
  const confirmed = container.state === 'unknown' ? container.containerId : null
  const pending: PendingEvent = {
    eventTopic: TOPICS[event.topic].name,
    event: batch.bytes,
    containerId: confirmed ?? process.containerClaim ?? '',
    rules: rules.map((rule) => rule.name),
    ruleSetHash: evaluator.ruleSetHash,
    deadlineUs: nowUs + settings.deadlineMs * 1000,
    attempts: 1,
    origin,
  }
  context.emit('pending', origin.hostId, pending, Math.floor(nowUs / 1000))
  feed.hold(ruleEvent, pending.eventTopic, rules, pending.deadlineUs)
  context.metrics.counter('eunomia_detect_waits_total', 'Events whose verdict waits for facts of their container').with().add()
}
