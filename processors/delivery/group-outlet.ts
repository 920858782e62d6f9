// Where the reader of a sink that takes messages puts alerts: into their groups, whose messages become jobs. A job that exists is not added again,
// so this may be repeated at any time.
import { messageOf as textOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { PartitionOwner } from './partition-owner.js'
import type { DeliveryQueue, JobContent } from './queue/delivery-queue.js'
import type { TopicAlert } from './sink.js'
import type { DueMessage, GroupStore } from './grouping/group-store.js'
import type { Grouping } from './grouping/grouping.js'

/** What it needs. */
export interface GroupOutletDeps {
  readonly sink: string
  readonly grouping: Grouping
  readonly store: GroupStore
  readonly queue: DeliveryQueue
  readonly log: Logger
}

/** How often groups whose job was lost are found, milliseconds. */
const SWEEP_MS = 60_000
/** Pause between two times that all groups are sent early, milliseconds. */
const FLUSH_MS = 5_000
/** Rest of a partition while a group is far beyond its bound, milliseconds. */
const OVERFULL_REST_MS = 2_000
/** Messages that are known to have a job. */
const MOST_KNOWN = 10_000

export class GroupOutlet {
  readonly #deps: GroupOutletDeps
  readonly #known = new Set<string>()
  readonly #timer: NodeJS.Timeout
  #flushedMs = -Infinity

  constructor(deps: GroupOutletDeps) {
    this.#deps = deps
    this.#timer = setInterval(() => this.#inBackground(false), SWEEP_MS)
  }

  /**
   * Adds alerts of one partition, in the order of their offsets. They are settled by messages.
   * @returns how long the partition should rest, milliseconds
   * @throws a retryable error: add them again
   */
  async add(alerts: readonly TopicAlert[], owner: PartitionOwner): Promise<number> {
    const { grouping, store } = this.#deps
    const { due, changes, isOverfull } = await store.add(grouping.groupsOf(alerts, owner.repeatsUntilMs), Date.now())
    owner.changed(changes)
    await this.schedule(due)
    owner.grouped(alerts.map(({ offset }) => offset))
    return isOverfull ? OVERFULL_REST_MS : 0
  }

  /** Adds jobs for messages. */
  async schedule(messages: readonly DueMessage[]): Promise<void> {
    const jobs = messages.flatMap((message) => this.#jobOf(message))
    if (jobs.length === 0) return
    await this.#deps.queue.add(jobs)
    for (const { id, delayMs } of jobs) if (delayMs !== undefined) this.#remember(id)
  }

  /** Sends every open window now: what is settled above the committed offset is in too many pieces. */
  flush(): void {
    if (performance.now() - this.#flushedMs < FLUSH_MS) return
    this.#flushedMs = performance.now()
    this.#inBackground(true)
  }

  close(): void {
    clearInterval(this.#timer)
  }

  #inBackground(isUrgent: boolean): void {
    const { store, log, sink } = this.#deps
    this.#known.clear()
    store
      .open()
      .then(async (open) => await this.schedule(isUrgent ? open.map((message) => ({ ...message, dueMs: 0 })) : open))
      .catch((error: unknown) => log.debug({ sink, error: textOf(error) }, 'the groups of the sink could not be read'))
  }

  /** None for one that is known to exist. */
  #jobOf({ groupId, begunMs, sequence, dueMs }: DueMessage): JobContent[] {
    const id = `m-${groupId}-${String(begunMs)}-${String(sequence)}`
    const delayMs = dueMs - Date.now()
    if (delayMs > 0 && this.#known.has(id)) return []
    const message = { groupId, begunMs, sequence }
    return [{ id, partition: 0, epoch: '', alerts: [], message, ...(delayMs > 0 ? { delayMs } : {}) }]
  }

  #remember(id: string): void {
    if (this.#known.size >= MOST_KNOWN) this.#known.clear()
    this.#known.add(id)
  }
}
