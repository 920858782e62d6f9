// Holds of the archive, as people have set them: what retention does not remove. A view of eunomia.state.v1.
import type { ArchiveEntry, StateRecord } from '../../../schemas/generated/types.js'
import type { StateView } from '../../state/state-topic.js'
import { ARCHIVE_TOPICS, type ArchiveTopic } from '../columns.js'
import { topicOfEntry } from './verify.js'

/** A hold that lasts. */
export interface Hold {
  readonly id: string
  readonly author: string
  readonly reason: string
  readonly changedUs: number
  /** Topics; all of them when it is empty. */
  readonly topics: readonly ArchiveTopic[]
  /** Times of records in their topics, [fromUs, toUs). */
  readonly fromUs: number
  readonly toUs: number
}

const PREFIX = 'archiveHold/'

export class Holds implements StateView {
  invalid = 0
  readonly #holds = new Map<string, Hold>()

  /** A hold that can't be understood holds everything: to remove less is the safer mistake. */
  apply({ kind, id, author, reason, changedUs, archiveHold }: StateRecord): string | null {
    if (kind !== 'archiveHold') return null
    if (archiveHold === null) {
      this.#holds.delete(id)
      return null
    }
    const topics = ARCHIVE_TOPICS.filter((topic) => archiveHold.topics.includes(topic))
    const isKnown = topics.length === archiveHold.topics.length
    this.#holds.set(id, { id, author, reason, changedUs, ...archiveHold, topics: isKnown ? topics : [] })
    return isKnown ? null : 'it names topics that are not archived, and holds all of them'
  }

  remove(key: string): void {
    if (key.startsWith(PREFIX)) this.#holds.delete(key.slice(PREFIX.length))
  }

  get all(): readonly Hold[] {
    return [...this.#holds.values()].sort((a, b) => a.changedUs - b.changedUs)
  }

  isHeld(entry: ArchiveEntry): boolean {
    const topic = topicOfEntry(entry)
    return this.all.some(({ topics, fromUs, toUs }) => {
      const isTopic = topics.length === 0 || topic === undefined || topics.includes(topic)
      return isTopic && entry.maxTimestampMs * 1000 >= fromUs && entry.minTimestampMs * 1000 < toUs
    })
  }
}
