// The alert of a rule that matched an event. It depends on no clock and no random value: the same event, rule and facts always give the
// same alert.
import { createHash } from 'node:crypto'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type {
  Alert,
  FactsState,
  Origin,
  KernelEvent,
  KernelSummary,
  NetworkEvent,
  NetworkSummary,
} from '../../../schemas/generated/types.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { RecordSource } from '../fields/field-source.js'
import type { RuleEvent, RuleRecord } from '../fields/rule-event.js'
import { wholeContainerId } from '../fields/record/container-knowledge.js'
import { eventTypeOf } from '../fields/record/event-type.js'
import { fillTemplate } from './fill-template.js'

/**
 * Creates the alert.
 * @param ruleEvent the event with the facts at the time of evaluation. While facts are unknown, the alert would change when they arrive:
 *   wait for them even if the verdict is definite, or the alert states `UNKNOWN`.
 */
export function alertOf(ruleEvent: RuleEvent, rule: CompiledRule, ruleSetHash: string): Alert {
  const { event, container } = ruleEvent
  const { record } = event
  const topic = TOPICS[event.topic].name
  const { output, outputFields } = fillTemplate(rule.output, new RecordSource(ruleEvent))
  const containerId = wholeContainerId(ruleEvent)
  return {
    alertId: alertIdOf(topic, record.origin, rule.id, rule.version),
    rule: rule.name,
    ruleId: rule.id,
    ruleVersion: rule.version,
    ruleSetHash,
    priority: rule.priority,
    language: rule.language,
    tags: rule.tags,
    author: rule.author,
    references: rule.references,
    output,
    outputFields,
    facts: factsStateOf(ruleEvent),
    eventTopic: topic,
    eventType: eventTypeOf(event) ?? record.type,
    origin: record.origin,
    process: record.process,
    path: event.topic === 'file' || event.topic === 'kernel' ? event.record.path : null,
    containerId: typeof containerId === 'string' ? containerId : null,
    container: container.state === 'known' ? container.facts : null,
    network: networkSummaryOf(event),
    kernel: kernelSummaryOf(event),
    correlation: null,
  }
}

/** 32 hex digits over (event id, rule id, rule version), encoded so that different lists of parts never collide. */
function alertIdOf(topic: string, origin: Origin, ruleId: string, ruleVersion: string): string {
  const { hostId, bootId, epoch, cpu, seq } = origin
  const parts = [hostId, bootId, String(epoch), topic, String(cpu), String(seq), ruleId, ruleVersion]
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)
}

function factsStateOf({ container }: RuleEvent): FactsState {
  if (container.state === 'absent') return container.isClaimed ? 'claimed' : 'absent'
  return container.state === 'unknown' ? 'UNKNOWN' : 'complete'
}

/** The connection of a network event, or of a socket that dup duplicated; null for all other events. */
export function networkSummaryOf(event: RuleRecord): NetworkSummary | null {
  if (event.topic === 'network') return summaryOf(event.record, event.record.unixPath, domainOf(event.record))
  // Of the kernel events, only dup has a socket.
  if (event.topic === 'kernel' && event.record.family !== null) return summaryOf(event.record, null, null)
  return null
}

/** What a kernel event acted on; null for all other events. */
export function kernelSummaryOf(event: RuleRecord): KernelSummary | null {
  if (event.topic !== 'kernel') return null
  const { targetPid, targetName, request, flags, source, fsType, name, signal } = event.record
  return { targetPid, targetName, request, flags, source, fsType, name, signal }
}

function summaryOf(socket: NetworkEvent | KernelEvent, unixPath: string | null, domain: string | null): NetworkSummary {
  const { localAddress, localPort, remoteAddress, remotePort, family, protocol, isServer } = socket
  return { localAddress, localPort, remoteAddress, remotePort, unixPath, family, protocol, isServer, domain }
}

/** For a DNS message, the queried name: its remote end is only the DNS server. */
function domainOf({ dns, remoteName }: NetworkEvent): string | null {
  return dns?.questionName ?? remoteName
}
