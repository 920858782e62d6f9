// Waits until all groups have read some topics of a memory log.
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryLog } from '../infra/topic-log/memory-log/memory-log.js'
import type { TopicKey } from '../infra/topic-log/topics.js'

const LOOK_MS = 10

/** Resolves when every group has finished all records of `topics`, or after `mostMs`. */
export async function untilRead(topicLog: MemoryLog, topics: readonly TopicKey[], mostMs: number): Promise<void> {
  const deadline = performance.now() + mostMs
  while (topics.some((key) => topicLog.topic(key).bytes > 0) && performance.now() < deadline) await delay(LOOK_MS)
}
