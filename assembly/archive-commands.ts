// What the commands of the archive do over Kafka and the store of the settings. Loaded only when one runs.
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { groupLag } from '../infra/kafka/admin.js'
import { topicNameOf } from '../infra/kafka/kafka-config.js'
import { partitionOf } from '../infra/kafka/partitions.js'
import { KafkaRangeReader } from '../infra/kafka/range-reader.js'
import { TransactionalWriter } from '../infra/kafka/transactional-writer.js'
import { EunomiaError, UsageError } from '../infra/process/errors.js'
import type { Logger } from '../infra/process/logger.js'
import { TOPICS } from '../infra/topic-log/topics.js'
import { nextEntryOf } from '../processors/forensics/archive/partition-archive.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../processors/forensics/columns.js'
import { type EntryChange, joinable, joinObjects, recordsOfChange } from '../processors/forensics/archive/edit-entries.js'
import { archivedRecords } from '../processors/forensics/archive/restore.js'
import { topicOfEntry, type VerifyRange, type VerifyReport, verifyArchive } from '../processors/forensics/archive/verify.js'
import { readArchiveEntries } from '../processors/forensics/history/archive-entries.js'
import type { ObjectStore } from '../processors/forensics/objects/object-store.js'
import { ObjectWriters } from '../processors/forensics/parquet/object-writer.js'
import { groupOf } from '../processors/runtime/start-function.js'
import type { Codec } from '../schemas/codec.js'
import type { ArchiveEntry } from '../schemas/generated/types.js'
import { openObjectStore } from './archive.js'
import { readingCodec } from './codec.js'

/** Records of a transaction of a restore. */
const RESTORED_TOGETHER = 5_000

/** Settings and log of a command. */
export interface ArchiveContext {
  readonly config: Config
  readonly log: Logger
}

/** An open archive. */
export interface OpenArchive {
  readonly store: ObjectStore
  readonly codec: Codec
  /**
   * The entries as they are now.
   * @param onUnread called for records of their topic that can't be read; default an error: what changes entries must know all of them
   */
  entries(onUnread?: (what: string) => void): Promise<readonly ArchiveEntry[]>
}

/** Records of the topic with the entries can't be read. */
export class EntriesUnreadError extends EunomiaError {
  static override readonly code = 'EUNOMIA_ARCHIVE_OBJECT'
}

/** Opens the archive of the settings for one use. @throws UsageError without one */
export async function withArchive<Result>(
  { config, log }: ArchiveContext,
  use: (archive: OpenArchive) => Promise<Result>,
): Promise<Result> {
  const store = await openObjectStore(config)
  const ranges = new KafkaRangeReader(kafkaConfigOf(config.kafka), log)
  const codec = readingCodec(config.schemas)
  try {
    const refuse = (what: string): never => {
      throw new EntriesUnreadError(`a record of eunomia.archive.v1 can't be read: ${what}`)
    }
    const entries: OpenArchive['entries'] = (onUnread = refuse) => readArchiveEntries(ranges, codec, new AbortController().signal, onUnread)
    return await use({ store, codec, entries })
  } finally {
    await ranges.close()
    await store.close()
  }
}

/** One topic of the archive. */
export interface ArchiveStatusRow {
  readonly topic: ArchiveTopic
  readonly objects: number
  readonly records: number
  readonly bytes: number
  /** Times of records in their topic, Unix milliseconds; null for none. */
  readonly firstMs: number | null
  readonly lastMs: number | null
  /** Offsets that are in no object yet. */
  readonly lag: number
}

/** What is archived, by topic. */
export async function archiveStatus(context: ArchiveContext): Promise<readonly ArchiveStatusRow[]> {
  const { config, log } = context
  const entries = await withArchive(context, async (archive) => {
    return await archive.entries((what) => log.error({ what }, 'a record of the archive topic can not be read'))
  })
  const lags = await groupLag(kafkaConfigOf(config.kafka), groupOf('archive'), ARCHIVE_TOPICS, log)
  return ARCHIVE_TOPICS.map((topic) => {
    const own = entries.filter((entry) => topicOfEntry(entry) === topic)
    const sum = (of: (entry: ArchiveEntry) => number): number => own.reduce((total, entry) => total + of(entry), 0)
    return {
      ...{ topic, objects: own.length, records: sum(({ records }) => records), bytes: sum(({ bytes }) => bytes) },
      firstMs: own.length === 0 ? null : Math.min(...own.map(({ minTimestampMs }) => minTimestampMs)),
      lastMs: own.length === 0 ? null : Math.max(...own.map(({ maxTimestampMs }) => maxTimestampMs)),
      lag: lags.filter((lag) => lag.topic === topic).reduce((total, { lag }) => total + lag, 0),
    }
  })
}

/** Checks a range. */
export async function verify(
  context: ArchiveContext,
  range: VerifyRange,
  onProgress: (report: VerifyReport, of: number) => void,
): Promise<VerifyReport> {
  const { config, log } = context
  return await withArchive(context, async ({ entries, store }) => {
    // First: what is archived meanwhile is in the entries, which are read later.
    const lags = await groupLag(kafkaConfigOf(config.kafka), groupOf('archive'), range.topics ?? ARCHIVE_TOPICS, log)
    const partitions = lags.flatMap(({ topic, partition, first, committed, metadata }) => {
      const key = ARCHIVE_TOPICS.find((one) => one === topic)
      return key === undefined || committed === null ? [] : [{ topic: key, partition, first, nextEntry: nextEntryOf(metadata, committed) }]
    })
    const unread: string[] = []
    const all = await entries((what) => unread.push(what))
    const report = await verifyArchive(all, range, { store, signal: new AbortController().signal, onProgress, partitions })
    const place = { topic: TOPICS.archive.name, partition: 0, from: 0, to: 0, object: null }
    report.findings.push(...unread.map((what) => ({ ...place, what: `an entry can't be read: ${what}` })))
    return report
  })
}

/** Joins small objects. @returns how many were joined, and into how many */
export async function compact(context: ArchiveContext, smallBytes: number): Promise<{ readonly before: number; readonly after: number }> {
  return await withArchive(context, async ({ codec, entries, store }) => {
    return await withWriter(context, async (write) => {
      const { objectBytes } = context.config.archive
      const writers = await ObjectWriters.create(codec)
      const signal = new AbortController().signal
      const joined = { before: 0, after: 0 }
      for (const run of joinable(await entries(), { smallBytes, objectBytes })) {
        const change = await joinObjects(run, { store, writers, signal, nowMs: Date.now })
        if (change === null) {
          context.log.warn({ first: run[0]?.object, objects: run.length }, 'objects are damaged, and not joined: eunomia archive verify')
          continue
        }
        await write(change, codec)
        joined.before += run.length
        joined.after++
      }
      return joined
    })
  })
}

/** Writes changes of entries, each as one transaction, while no other command does. */
export async function withWriter<Result>(
  { config, log }: ArchiveContext,
  use: (write: (change: EntryChange, codec: Codec) => Promise<void>) => Promise<Result>,
): Promise<Result> {
  const kafka = kafkaConfigOf(config.kafka)
  const topic = topicNameOf(kafka, 'archive')
  const ranges = new KafkaRangeReader(kafka, log)
  // First of all: what another command has read is not what it changes any more.
  const writer = await TransactionalWriter.open(kafka, 'eunomia.archive.edit', log)
  try {
    const partitions = (await ranges.bounds(['archive'])).length
    return await use(async (change, codec) => {
      const timestampMs = Date.now()
      const records = recordsOfChange(change, codec)
      await writer.write(records.map(({ key, value }) => ({ topic, partition: partitionOf(key, partitions), timestampMs, key, value })))
    })
  } finally {
    await writer.close()
    await ranges.close()
  }
}

/** What a restore wrote. */
export interface RestoreReport {
  records: number
  damaged: number
}

/** Writes a range back into topics of another prefix. @throws UsageError when one of them exists, or the prefix is that of the settings */
export async function restore(context: ArchiveContext, prefix: string, range: VerifyRange): Promise<RestoreReport> {
  const { config, log } = context
  if (prefix === config.kafka.topicPrefix)
    throw new UsageError('--to-prefix must be another one than kafka.topicPrefix: a restore never adds to live topics')
  const kafka = { ...kafkaConfigOf(config.kafka), topicPrefix: prefix }
  return await withArchive(context, async ({ entries, store }) => {
    const all = await entries((what) => log.error({ what }, 'a record of the archive topic can not be read'))
    const topics = range.topics ?? ARCHIVE_TOPICS
    const own = new KafkaRangeReader(kafkaConfigOf(config.kafka), log)
    const writer = await TransactionalWriter.open(kafka, 'eunomia.archive.restore', log)
    try {
      const bounds = await own.bounds(topics)
      const wanted = topics.map((topic) => ({ topic: topicNameOf(kafka, topic), partitions: partitionsOf(topic, bounds, all) }))
      const existing = await writer.createKept(wanted, config.kafka.replicationFactor)
      if (existing.length > 0) throw new UsageError(`${existing.join(', ')} exists already: restore to another prefix, or delete it`)
      const report: RestoreReport = { records: 0, damaged: 0 }
      const onDamaged = ({ object }: ArchiveEntry, what: string): void => {
        report.damaged++
        log.error({ object, reason: what }, 'an object is left out')
      }
      for await (const records of archivedRecords(all, range, { store, signal: new AbortController().signal, onDamaged })) {
        for (let from = 0; from < records.length; from += RESTORED_TOGETHER) {
          const some = records.slice(from, from + RESTORED_TOGETHER)
          await writer.write(some.map(({ topic, ...record }) => ({ ...record, topic: topicNameOf(kafka, topic) })))
        }
        report.records += records.length
      }
      return report
    } finally {
      await writer.close()
      await own.close()
    }
  })
}

/** As many as the topic has, or had when it was archived. */
function partitionsOf(topic: ArchiveTopic, bounds: readonly { readonly topic: string }[], entries: readonly ArchiveEntry[]): number {
  const archived = entries
    .filter((entry) => topicOfEntry(entry) === topic)
    .reduce((most, { partition }) => Math.max(most, partition + 1), 1)
  return Math.max(archived, bounds.filter((one) => one.topic === topic).length)
}
