// SQL over the archive of the settings: the objects that a query needs, checked and at hand, in an engine that reads nothing else.
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Config } from '../infra/config/config-schema.js'
import { kafkaConfigOf } from '../infra/config/kafka-settings.js'
import { KafkaRangeReader } from '../infra/kafka/range-reader.js'
import type { Logger } from '../infra/process/logger.js'
import { defaultStateFolder } from '../infra/process/state-folder.js'
import type { ArchiveTopic } from '../processors/forensics/columns.js'
import { topicOfEntry } from '../processors/forensics/archive/verify.js'
import { piecesOf, readArchiveEntries } from '../processors/forensics/history/archive-entries.js'
import { ArchiveDatabase, type ArchiveFile, type QueryAnswer } from '../processors/forensics/sql/archive-database.js'
import { ObjectCache } from '../processors/forensics/sql/object-cache.js'
import type { QueryRefusedError } from '../processors/forensics/sql/statement-guard.js'
import type { ArchiveEntry } from '../schemas/generated/types.js'
import { openObjectStore } from './archive.js'
import { readingCodec } from './codec.js'

/** A query. */
export interface ArchiveQuery {
  readonly sql: string
  /** Only events of these times, Unix milliseconds [from, to); null for all. */
  readonly times: readonly [fromMs: number, toMs: number] | null
  /** The query took memory that can't be bounded from inside: the process should end at once. */
  readonly onRunaway: (error: QueryRefusedError) => void
}

/** The answer, and what it rests on. */
export interface ArchiveAnswer extends QueryAnswer {
  readonly objects: number
  /** Objects that are left out, each with the reason. */
  readonly damaged: readonly { readonly object: string; readonly reason: string }[]
  readonly fetchedBytes: number
  /** Times of the last events of the topics that it reads, Unix microseconds; null for a topic without objects. */
  readonly reaches: ReadonlyMap<ArchiveTopic, number | null>
}

type Settings = Pick<Config, 'archive' | 'kafka' | 'schemas' | 'query' | 'stateFolder'>

/** Runs a query and passes its answer to `use`. @throws QueryRefusedError; UsageError without an archive; EunomiaError of Kafka or the store */
export async function queryArchive(
  config: Settings,
  log: Logger,
  query: ArchiveQuery,
  use: (answer: ArchiveAnswer) => Promise<void>,
): Promise<void> {
  const { memoryBytes, threads, timeoutMs, cacheBytes } = config.query
  const store = await openObjectStore(config)
  const database = await ArchiveDatabase.open({ memoryBytes, threads, timeoutMs })
  try {
    const topics = await database.topicsOf(query.sql)
    const { byTopic, ...pieces } = await piecesOfTopics(config, log, topics, query.times)
    const cacheFolder = config.query.cacheFolder ?? join(config.stateFolder ?? defaultStateFolder(), 'query')
    const cache = new ObjectCache(cacheFolder, cacheBytes, store)
    const entries = new Map([...byTopic.values()].flat().map(({ entry }) => [entry.object, entry]))
    const { files: paths, damaged, fetchedBytes } = await cache.filesOf([...entries.values()], new AbortController().signal)
    const files = new Map<ArchiveTopic, ArchiveFile[]>()
    for (const [topic, own] of byTopic)
      files.set(
        topic,
        own.flatMap(({ from, to, entry }) => {
          const path = paths.get(entry.object)
          const isWhole = from === entry.firstOffset && to === entry.nextOffset
          return path === undefined ? [] : [{ path, offsets: isWhole ? null : ([from, to] as const) }]
        }),
      )
    const folders = new Set(
      await Promise.all([...new Set([...paths.values()].map((path) => dirname(path)))].map((folder) => realpath(folder))),
    )
    const times = query.times === null ? null : ([query.times[0] * 1000, query.times[1] * 1000] as const)
    await database.load({ files, folders: [...folders], times })
    const answer = await database.run(query.sql, query.onRunaway)
    await use({ ...answer, objects: paths.size, damaged, fetchedBytes, reaches: pieces.reaches })
  } finally {
    database.close()
    await store.close()
  }
}

type Piece = ReturnType<typeof piecesOf>[number]

/** What is read of which objects: each offset from one of them. */
async function piecesOfTopics(
  config: Settings,
  log: Logger,
  topics: readonly ArchiveTopic[],
  times: ArchiveQuery['times'],
): Promise<{ byTopic: Map<ArchiveTopic, Piece[]>; reaches: Map<ArchiveTopic, number | null> }> {
  const byTopic = new Map<ArchiveTopic, Piece[]>()
  const reaches = new Map<ArchiveTopic, number | null>()
  if (topics.length === 0) return { byTopic, reaches }
  const kafka = kafkaConfigOf(config.kafka)
  const ranges = new KafkaRangeReader(kafka, log)
  try {
    const entries = await readArchiveEntries(ranges, readingCodec(config.schemas), new AbortController().signal, (what) =>
      log.error({ what }, 'a record of the archive topic can not be read'),
    )
    for (const topic of topics) {
      const own = entries.filter((entry) => topicOfEntry(entry) === topic)
      const partitions = new Set(own.map(({ partition }) => partition))
      const all = [...partitions].flatMap((wanted) => piecesOf(own.filter(({ partition }) => partition === wanted)))
      reaches.set(
        topic,
        own.reduce<number | null>((latest, { maxTimeUs }) => (maxTimeUs === null ? latest : Math.max(latest ?? 0, maxTimeUs)), null),
      )
      byTopic.set(
        topic,
        all.filter(({ entry }) => mayHave(entry, times)),
      )
    }
    return { byTopic, reaches }
  } finally {
    await ranges.close()
  }
}

/** False if no event of the object is of the times. */
function mayHave({ minTimeUs, maxTimeUs }: ArchiveEntry, times: ArchiveQuery['times']): boolean {
  if (times === null || minTimeUs === null || maxTimeUs === null) return true
  return maxTimeUs >= times[0] * 1000 && minTimeUs < times[1] * 1000
}
