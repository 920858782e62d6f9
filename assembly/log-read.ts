// Waits until all groups have read some topics of a memory log.
import { setTimeout as delay } from 'node:timers/promises'
import type { MemoryLog } from '../infra/topic-log/memory-log/memory-log.js'
import type { TopicKey } from '../infra/topic-log/topics.js'

const LOOK_MS = 10

/**
 * Resolves when every group has finished all records of `topics`, or when none was finished for `quietMs`. Looks are counted, not time: on a busy
 * machine, the readers come to their work as rarely as this does.
 */
export async function untilRead(topicLog: MemoryLog, topics: readonly TopicKey[], quietMs: number): Promise<void> {
  const records = topics.map((key) => topicLog.topic(key))
  const finished = (): number => records.reduce((sum, { finishedOffset }) => sum + finishedOffset, 0)
  let seen = finished()
  for (let quiet = 0; quiet < quietMs / LOOK_MS && records.some(({ bytes }) => bytes > 0); quiet++) {
    await delay(LOOK_MS)
    if (finished() !== seen) quiet = 0
    seen = finished()
  }
}
