// Changes of the containers of a CRI runtime, from its events and from polling its lists. Both are needed: CRI-O sends events only
// with enable_pod_events, and older runtimes send none. Each change is reported once, by the source that saw it first.
import { listAt, asObject, textAt, type JsonObject } from '../facts/json-fields.js'
import type { RuntimeEvent } from '../runtime.js'
import { type CriListing, isCriId } from './cri-api.js'
import { exitOf } from './cri-status.js'

/** How a container ended. */
export type CriEnd = ReturnType<typeof exitOf>

/** The changes. */
export class CriChanges {
  readonly #listener: (event: RuntimeEvent) => void
  readonly #endOf: (containerId: string) => Promise<CriEnd | null>
  readonly #maxKnown: number
  /** Id -> whether it runs. */
  readonly #known: Map<string, boolean>
  /** Ids with an event since the current poll began: for them the poll is outdated. */
  readonly #touched = new Set<string>()

  /**
   * @param known containers that existed before the listener started
   * @param endOf queries how a container ended; null when the runtime no longer knows it
   */
  constructor(
    known: ReadonlyMap<string, boolean>,
    maxKnown: number,
    listener: (event: RuntimeEvent) => void,
    endOf: (containerId: string) => Promise<CriEnd | null>,
  ) {
    this.#known = new Map(known)
    this.#maxKnown = maxKnown
    this.#listener = listener
    this.#endOf = endOf
  }

  /** Handles an event of the stream; false for one that can't be used. Await it before the next event. */
  async onEvent(event: JsonObject): Promise<boolean> {
    const containerId = textAt(event, 'container_id', 128)
    if (!isCriId(containerId)) return false
    this.#touched.add(containerId)
    switch (event['container_event_type']) {
      case 'CONTAINER_CREATED_EVENT':
        if (!this.#known.has(containerId) && this.#store(containerId, false))
          this.#listener({ type: 'created', containerId, cgroupPaths: [] })
        return true
      case 'CONTAINER_STARTED_EVENT':
        this.#started(containerId)
        return true
      case 'CONTAINER_STOPPED_EVENT':
        if (this.#known.get(containerId) !== false) await this.#stopped(containerId, endIn(event, containerId))
        return true
      case 'CONTAINER_DELETED_EVENT':
        if (this.#known.get(containerId) === true) await this.#stopped(containerId, endIn(event, containerId))
        this.#removed(containerId)
        return true
      default:
        return false
    }
  }

  /** Call before each poll. */
  pollBegins(): void {
    this.#touched.clear()
  }

  /** Handles the result of a poll. */
  async onPoll({ states, cut }: CriListing): Promise<void> {
    for (const [containerId, isRunning] of states) {
      if (this.#touched.has(containerId)) continue
      const was = this.#known.get(containerId)
      if (isRunning && was !== true) this.#started(containerId)
      else if (!isRunning && was === true) await this.#stopped(containerId, null)
      else if (!isRunning && was === undefined) this.#store(containerId, false)
    }
    if (cut > 0) return // missing entries may be those left out
    for (const [containerId, was] of [...this.#known]) {
      if (states.has(containerId) || this.#touched.has(containerId)) continue
      if (was) await this.#stopped(containerId, null)
      this.#removed(containerId)
    }
  }

  #started(containerId: string): void {
    if (this.#known.get(containerId) === true || !this.#store(containerId, true)) return
    this.#listener({ type: 'started', containerId, cgroupPaths: [] })
  }

  async #stopped(containerId: string, reported: CriEnd | null): Promise<void> {
    if (this.#known.has(containerId)) this.#known.set(containerId, false)
    const end = reported ?? (await this.#endOf(containerId))
    if (end?.isOomKilled === true) this.#listener({ type: 'oom', containerId })
    this.#listener({ type: 'stopped', containerId, exitCode: end?.exitCode ?? null })
  }

  #removed(containerId: string): void {
    this.#known.delete(containerId)
    this.#listener({ type: 'removed', containerId })
  }

  #store(containerId: string, isRunning: boolean): boolean {
    if (!this.#known.has(containerId) && this.#known.size >= this.#maxKnown) return false
    this.#known.set(containerId, isRunning)
    return true
  }
}

/** The end of a container from its event; null when the event does not contain it. */
function endIn(event: JsonObject, containerId: string): CriEnd | null {
  for (const value of listAt(event, 'containers_statuses', 1024)) {
    const status = asObject(value) ?? {}
    if (status['id'] === containerId && exitOf(status).exitCode !== null) return exitOf(status)
  }
  return null
}
