// Whether everything in some topics of a memory log was read by the groups that read them.
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryLog } from '../infra/topic-log/memory-log/memory-log.js'
import type { TopicKey } from '../infra/topic-log/topics.js'

const LOOK_MS = 10

/** Resolves when nothing is left in `topics` that a group has not finished, or after `mostMs`. */
export async function untilRead(log: MemoryLog, topics: readonly TopicKey[], mostMs: number): Promise<void> {
  const deadline = performance.now() + mostMs
  while (topics.some((key) => log.topic(key).bytes > 0) && performance.now() < deadline) await delay(LOOK_MS)
}
