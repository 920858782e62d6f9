// Archives a range of a topic as the function `archive` does, in one object: its bytes in the store, its entry in eunomia.archive.v1.
import type { RangeReader } from '../../../infra/topic-log/range-reader.js'
import type { TopicLog } from '../../../infra/topic-log/topic-log.js'
import { TOPICS } from '../../../infra/topic-log/topics.js'
import type { ArchiveTopic } from '../../../processors/forensics/columns.js'
import type { ObjectStore } from '../../../processors/forensics/objects/object-store.js'
import { ObjectWriters } from '../../../processors/forensics/parquet/object-writer.js'
import { Codec } from '../../../schemas/codec.js'

/** What is archived. */
export interface ArchivedRange {
  readonly topic: ArchiveTopic
  readonly partition: number
  readonly from: number
  readonly to: number
}

/** Where it goes. */
export interface ArchiveGround {
  readonly ranges: RangeReader
  readonly store: ObjectStore
  readonly topicLog: TopicLog
}

/** @returns the names of the objects */
export async function archiveRanges(ground: ArchiveGround, wanted: readonly ArchivedRange[]): Promise<string[]> {
  const codec = new Codec()
  const writers = await ObjectWriters.create(codec)
  const ignore = (): void => undefined
  const appender = await ground.topicLog.appender(ignore, ignore)
  const names: string[] = []
  for (const { topic, partition, from, to } of wanted) {
    const writer = writers.begin(topic)
    const options = { signal: AbortSignal.timeout(30_000), onDamaged: ignore }
    for await (const batch of ground.ranges.read({ topic, partition, from, to }, options)) while (batch.next()) writer.add(batch)
    const { content, facts } = writer.finish()
    const object = `${topic}/2026-11-28T06/${String(partition)}-${String(from).padStart(20, '0')}-${facts.sha256.slice(0, 12)}.parquet`
    await ground.store.put(object, content)
    const place = { object, topic: TOPICS[topic].name, partition, firstOffset: from, nextOffset: to }
    const value = codec.encode('archive', { ...place, ...facts, gaps: [], createdUs: Date.now() * 1_000 })
    const timestampMs = Date.now()
    appender.append({
      topic: 'archive',
      key: Buffer.from(object),
      value,
      valueStart: 0,
      valueEnd: value.length,
      timestampMs,
      mark: names.push(object),
    })
  }
  await appender.flush()
  await appender.close()
  return names
}
