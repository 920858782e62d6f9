// Which kinds the probes tell now: what the plan wants, and over it what a person started or stopped. One per source.
// Knows no rules and no files: who has a plan says which kinds it wants.
import type { EventSource } from '../source/event-source.js'
import { FIXED_KINDS, SWITCHED_KINDS, TRACKERS, type Tracker } from './trackers.js'

/** on: all its kinds. off: none. partly: some, by the plan or because others are always told. */
export type TrackerState = (typeof TRACKER_STATES)[number]
export const TRACKER_STATES = ['on', 'off', 'partly'] as const

/** What holds the kinds of a tracker: the plan in force, or a person. */
export type TrackerCause = 'plan' | 'person'

/** Switches kinds of a source. */
export class KindSwitch {
  readonly #source: Pick<EventSource, 'watchKinds'>
  /** Kinds that the plan wants; null for everything. */
  #planned: ReadonlySet<number> | null = null
  readonly #byPerson = new Map<string, boolean>()
  #watched: ReadonlySet<number> = SWITCHED_KINDS
  #listener: () => void = () => undefined

  /** Asks nothing of the source: at its start it tells everything. */
  constructor(source: Pick<EventSource, 'watchKinds'>) {
    this.#source = source
  }

  /** False for a recording: what it holds is told. */
  get canSwitch(): boolean {
    return this.#source.watchKinds !== undefined
  }

  /** Kinds that are told now, of those that can be switched. */
  get watched(): ReadonlySet<number> {
    return this.#watched
  }

  /** Kinds of trackers that a person started: told whatever a plan narrows. */
  get startedByPerson(): ReadonlySet<number> {
    return new Set(TRACKERS.flatMap(({ name, kinds, fixedKinds }) => (this.#byPerson.get(name) === true ? [...kinds, ...fixedKinds] : [])))
  }

  /** Told when a person has started or stopped a tracker. One listener. */
  onSwitched(listener: () => void): void {
    this.#listener = listener
  }

  /** Puts a plan in the place of the one before. @param kinds null for everything @throws what the kernel refuses with; then all is as before */
  plan(kinds: ReadonlySet<number> | null): void {
    this.#apply(kinds, this.#byPerson)
    this.#planned = kinds
  }

  /** Starts or stops a tracker, whatever the plan says, until the end of the source. @throws as `plan` */
  set(tracker: Tracker, isStarted: boolean): void {
    this.#apply(this.#planned, new Map([...this.#byPerson, [tracker.name, isStarted]]))
    this.#byPerson.set(tracker.name, isStarted)
    this.#listener()
  }

  stateOf({ kinds, fixedKinds }: Tracker): TrackerState {
    const told = kinds.filter((kind) => this.#watched.has(kind)).length + fixedKinds.length
    return told === 0 ? 'off' : told === kinds.length + fixedKinds.length ? 'on' : 'partly'
  }

  causeOf({ name }: Tracker): TrackerCause {
    return this.#byPerson.has(name) ? 'person' : 'plan'
  }

  #apply(planned: ReadonlySet<number> | null, byPerson: ReadonlyMap<string, boolean>): void {
    const wanted = new Set<number>()
    for (const { name, kinds } of TRACKERS) for (const kind of kinds) if (byPerson.get(name) ?? planned?.has(kind) ?? true) wanted.add(kind)
    this.#source.watchKinds?.(new Set([...FIXED_KINDS, ...wanted]))
    this.#watched = wanted
  }
}
