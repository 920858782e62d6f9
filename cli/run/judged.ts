// Whether what the collector gave is judged: everything that the groups of `run` read in the memory log is finished.
import type { MemoryLog } from '../../infra/topic-log/memory-log/memory-log.js'
import type { TopicKey } from '../../infra/topic-log/topics.js'
import { RULE_TOPICS } from '../../processors/rule-engine/fields/judged-event.js'
import { untilRead } from '../../assembly/log-read.js'

/** The way of an event through the log, in this order; host records are read by nobody here. */
const READ: readonly TopicKey[] = ['container', ...RULE_TOPICS, 'pending', 'alerts', 'deadletter']

/** Resolves when nothing is left to judge, or after `mostMs`. */
export async function untilJudged(log: MemoryLog, mostMs: number): Promise<void> {
  await untilRead(log, READ, mostMs)
}

/** Resolves when all facts that the collector gave are known and its events were looked at once, or after `mostMs`. */
export async function untilLookedAt(log: MemoryLog, mostMs: number): Promise<void> {
  await untilRead(log, ['container', ...RULE_TOPICS], mostMs)
}

/** Events that still wait for facts. */
export function waitingEvents(log: MemoryLog): number {
  const pending = log.topic('pending')
  return pending.nextOffset - pending.place('eunomia.detect', 'earliest').committed
}
