// Between the container tracker and the collector, since the tracker must know what runs before the collector reads its first event:
// keeps what the tracker tells until the collector listens. Bounded; what finds no room is counted for the heartbeat.
import type { ContainerEventBody } from '../../collector/containers/container-index.js'

const MAX_KEPT = 50_000

/** Keeps events for a listener that comes later. */
export class ContainerRelay {
  readonly #maxKept: number
  #kept: ContainerEventBody[] = []
  #listener: ((event: ContainerEventBody) => void) | null = null
  /** Events that found no room. */
  refused = 0

  constructor(maxKept = MAX_KEPT) {
    this.#maxKept = maxKept
  }

  /** Passes an event on, or keeps it. */
  readonly tell = (event: ContainerEventBody): void => {
    if (this.#listener !== null) this.#listener(event)
    else if (this.#kept.length < this.#maxKept) this.#kept.push(event)
    else this.refused++
  }

  /** Gives what was kept, then all that comes. @returns how to end it */
  readonly listen = (listener: (event: ContainerEventBody) => void): (() => void) => {
    const kept = this.#kept
    this.#kept = []
    this.#listener = listener
    for (const event of kept) listener(event)
    return () => {
      if (this.#listener === listener) this.#listener = null
    }
  }
}
