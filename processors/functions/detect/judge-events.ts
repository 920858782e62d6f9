// Judges a batch of events as they come from the collector. Hot path: one pass looks at what a rule may match and notes the containers, at
// most one await asks the store for those that the near-cache does not know, and a second pass judges. Events are views over the bytes of the
// batch; only one that something becomes of is decoded whole.
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type { PendingEvent } from '../../../schemas/generated/types.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import type { CompiledRule } from '../../rule-engine/rule-set/compiled-rule.js'
import { COLLECTED_TYPES_OF } from '../../rule-engine/fields/record/event-type.js'
import { RULE_TOPICS, type JudgedEvent, type RuleRecord } from '../../rule-engine/fields/judged-event.js'
import type { DetectRun } from './detect-run.js'
import { emitAlerts } from './emit-alerts.js'
import { verdictOn } from './verdict.js'

/** Judges every event of the batch. */
export async function judgeEvents(run: DetectRun): Promise<void> {
  const { batch, context, evaluator, reader } = run
  const lookup = new ContainerLookup(context.membership)
  const events = readEvents(run, lookup)
  if (!lookup.isComplete) await lookup.load()
  batch.rewind()
  for (const event of events) {
    batch.next()
    if (event === null) continue
    const container = lookup.knowledgeOf(event.record)
    const verdict = verdictOn({ event, container }, evaluator)
    if (verdict.kind === 'none') continue
    const judged = { event: reader.event(batch), container }
    if (verdict.kind === 'alert') emitAlerts(run, judged, verdict.rules)
    else emitPending(run, judged, verdict.rules)
  }
}

/** The events of the batch; null for one that can't be read, or that no rule can match. */
function readEvents({ batch, context, evaluator, reader, feed }: DetectRun, lookup: ContainerLookup): (RuleRecord | null)[] {
  const events: (RuleRecord | null)[] = []
  const { eventTypes } = evaluator
  // Where rules read every type, looking at the type first would only cost.
  const topic = RULE_TOPICS.find((each) => each === batch.topic)
  const isSelective = topic !== undefined && !COLLECTED_TYPES_OF[topic].every((type) => eventTypes.has(type))
  let skipped = 0
  while (batch.next()) {
    feed.saw(batch.timestampMs)
    try {
      if (isSelective && !eventTypes.has(reader.eventType(batch) ?? '')) {
        skipped++
        events.push(null)
        continue
      }
      const event = reader.view(batch)
      lookup.ask(event.record)
      events.push(event)
    } catch (error) {
      context.fail(error)
      events.push(null)
    }
  }
  if (skipped > 0) context.metrics.counter('eunomia_detect_skipped_total', 'Events of a type that no rule can match').with().add(skipped)
  return events
}

function emitPending({ batch, context, evaluator, settings, feed }: DetectRun, judged: JudgedEvent, rules: readonly CompiledRule[]): void {
  const { event, container } = judged
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
  feed.hold(judged, pending.eventTopic, rules, pending.deadlineUs)
  context.metrics.counter('eunomia_detect_waits_total', 'Events whose verdict waits for facts of their container').with().add()
}
