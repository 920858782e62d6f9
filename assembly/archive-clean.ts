// `eunomia archive clean`: removes what the policy does not keep. It refuses whenever it may not know all that is to be kept.
import type { Config } from '../infra/config/config-schema.js'
import { UsageError } from '../infra/process/errors.js'
import { removeEntries } from '../processors/forensics/archive/edit-entries.js'
import { isArchiveName } from '../processors/forensics/archive/object-name.js'
import { byPartition, topicOfEntry } from '../processors/forensics/archive/verify.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../processors/forensics/columns.js'
import type { ArchiveEntry } from '../schemas/generated/types.js'
import { type ArchiveContext, type OpenArchive, withArchive, withWriter } from './archive-commands.js'
import { heldEntries } from './archive-holds.js'

const DAY_MS = 86_400_000
/** Age at which an object without an entry is removed: far above the time between both. */
const ORPHAN_MS = DAY_MS
/** Objects without an entry that killed processes may leave; and their most part of all objects. */
const USUAL_ORPHANS = 20
const USUAL_PART = 0.1

/** What is removed, or would be. */
export interface CleanReport {
  readonly expired: readonly ArchiveEntry[]
  /** Names of objects without an entry. */
  readonly orphans: readonly string[]
}

/** How it cleans. */
export interface CleanOptions {
  readonly isDryRun: boolean
  /** However many objects have no entry, they are removed. */
  readonly removesAllOrphans: boolean
  readonly nowMs?: number
}

/** Removes what retention does not keep, and objects without an entry. @throws UsageError when it may not know what to keep */
export async function clean(
  context: ArchiveContext,
  { isDryRun, removesAllOrphans, nowMs = Date.now() }: CleanOptions,
): Promise<CleanReport> {
  const keepMs = retentionOf(context.config)
  /** The latest of a partition stays, so that what was removed before has its reason in an entry. */
  const oldOf = (own: readonly ArchiveEntry[]): ArchiveEntry[] =>
    own.slice(0, -1).filter((entry) => entry.maxTimestampMs < nowMs - keepMs(topicOfEntry(entry)))
  return await withArchive(context, async (archive) => {
    if (isDryRun) {
      const all = await archive.entries()
      const isHeld = await heldEntries(context)
      const expired = byPartition(all).flatMap(oldOf)
      return { expired: expired.filter((entry) => !isHeld(entry)), orphans: await orphansOf(archive, all, nowMs) }
    }
    return await withWriter(context, async (write) => {
      const { codec, store } = archive
      const all = await archive.entries()
      const orphans = await orphansOf(archive, all, nowMs)
      if (!removesAllOrphans) refuseUnusual(orphans.length, all.length)
      const expired: ArchiveEntry[] = []
      for (const own of byPartition(all)) {
        const old = oldOf(own)
        if (old.length === 0) continue
        // Holds may be added at any time.
        const isHeld = await heldEntries(context)
        const gone = old.filter((entry) => !isHeld(entry))
        if (gone.length === 0) continue
        const change = removeEntries(own, (entry) => gone.includes(entry))
        await write(change, codec)
        for (const name of change.removed) await store.remove(name)
        expired.push(...gone)
      }
      for (const name of orphans) await store.remove(name)
      await store.sweep?.(nowMs - ORPHAN_MS)
      return { expired, orphans }
    })
  })
}

async function orphansOf({ store }: OpenArchive, entries: readonly ArchiveEntry[], nowMs: number): Promise<string[]> {
  const known = new Set(entries.map(({ object }) => object))
  const orphans: string[] = []
  for await (const { name, modifiedMs } of store.list('')) {
    if (isArchiveName(name) && !known.has(name) && modifiedMs < nowMs - ORPHAN_MS) orphans.push(name)
  }
  return orphans
}

/** Another cluster or prefix, or a topic that was created again, has no entries of objects that are there. */
function refuseUnusual(orphans: number, entries: number): void {
  if (orphans <= (entries === 0 ? 0 : Math.max(USUAL_ORPHANS, entries * USUAL_PART))) return
  throw new UsageError(
    `${String(orphans)} objects have no entry in eunomia.archive.v1, which has ${String(entries)}: is it the topic of this archive? ` +
      'If so, remove them with --all-orphans (eunomia archive clean --dry-run lists them)',
  )
}

/** How long each topic is kept, milliseconds; Infinity for ever. */
function retentionOf({ archive }: Config): (topic: ArchiveTopic | undefined) => number {
  const days = new Map(archive.retentionDays.map((text) => [text.split('=')[0] ?? '', Number(text.split('=')[1])]))
  for (const topic of days.keys()) {
    if (topic !== '*' && !ARCHIVE_TOPICS.some((one) => one === topic))
      throw new UsageError(`archive.retentionDays names ${topic}, which is not archived (${ARCHIVE_TOPICS.join(', ')})`)
  }
  return (topic) => (topic === undefined ? Infinity : (days.get(topic) ?? days.get('*') ?? Infinity) * DAY_MS)
}
