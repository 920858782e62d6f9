// Changes of the containers of a CRI runtime, from its events and from polling its lists. Both, because CRI-O sends events only
// with enable_pod_events and older runtimes never. Each change is reported once, by whichever source saw it first.
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
  /** By id: whether it runs. */
  readonly #known: Map<string, boolean>
  /** Ids that events spoke of since the present look began: the look is of before. */
  readonly #touched = new Set<string>()

  /**
   * @param known what was there before the listener began
   * @param endOf asks how a container ended; null when the runtime does not know it any more
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

  /** Takes an event of the stream; false for one that says nothing. The next is to wait for it. */
  async told(event: JsonObject): Promise<boolean> {
    const containerId = textAt(event, 'container_id', 128)
    if (!isCriId(containerId)) return false
    this.#touched.add(containerId)
    switch (event['container_event_type']) {
      case 'CONTAINER_CREATED_EVENT':
        if (!this.#known.has(containerId) && this.#keep(containerId, false))
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

  /** To be called before a look is asked for. */
  lookBegins(): void {
    this.#touched.clear()
  }

  /** Takes a look. */
  async looked({ states, cut }: CriListing): Promise<void> {
    for (const [containerId, isRunning] of states) {
      if (this.#touched.has(containerId)) continue
      const was = this.#known.get(containerId)
      if (isRunning && was !== true) this.#started(containerId)
      else if (!isRunning && was === true) await this.#stopped(containerId, null)
      else if (!isRunning && was === undefined) this.#keep(containerId, false)
    }
    if (cut > 0) return // what is missing may be what was left out
    for (const [containerId, was] of [...this.#known]) {
      if (states.has(containerId) || this.#touched.has(containerId)) continue
      if (was) await this.#stopped(containerId, null)
      this.#removed(containerId)
    }
  }

  #started(containerId: string): void {
    if (this.#known.get(containerId) === true || !this.#keep(containerId, true)) return
    this.#listener({ type: 'started', containerId, cgroupPaths: [] })
  }

  async #stopped(containerId: string, told: CriEnd | null): Promise<void> {
    if (this.#known.has(containerId)) this.#known.set(containerId, false)
    const end = told ?? (await this.#endOf(containerId))
    if (end?.isOomKilled === true) this.#listener({ type: 'oom', containerId })
    this.#listener({ type: 'stopped', containerId, exitCode: end?.exitCode ?? null })
  }

  #removed(containerId: string): void {
    this.#known.delete(containerId)
    this.#listener({ type: 'removed', containerId })
  }

  #keep(containerId: string, isRunning: boolean): boolean {
    if (!this.#known.has(containerId) && this.#known.size >= this.#maxKnown) return false
    this.#known.set(containerId, isRunning)
    return true
  }
}

/** The end of a container as its event tells it; null when it does not. */
function endIn(event: JsonObject, containerId: string): CriEnd | null {
  for (const value of listAt(event, 'containers_statuses', 1024)) {
    const status = asObject(value) ?? {}
    if (status['id'] === containerId && exitOf(status).exitCode !== null) return exitOf(status)
  }
  return null
}
