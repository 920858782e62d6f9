// Which kinds the probes report: those of the plan, overridden by the trackers that a user started or stopped. One per source.
// Knows no rules and no files: the owner of the plan passes its kinds.
import type { EventSource } from '../source/event-source.js'
import { FIXED_KINDS, SWITCHED_KINDS, TRACKERS, type Tracker } from './trackers.js'

/** on: all its kinds. off: none. partly: some, by the plan or because others are always reported. */
export type TrackerState = (typeof TRACKER_STATES)[number]
export const TRACKER_STATES = ['on', 'off', 'partly'] as const

/** What decides the kinds of a tracker: the current plan, or a user. */
export type TrackerCause = 'plan' | 'person'

/** Switches kinds of a source. */
export class KindSwitch {
  readonly #source: Pick<EventSource, 'watchKinds'>
  /** Kinds that the plan wants; null for everything. */
  #planned: ReadonlySet<number> | null = null
  readonly #byPerson = new Map<string, boolean>()
  #watched: ReadonlySet<number> = SWITCHED_KINDS
  #listener: () => void = () => undefined

  /** Changes nothing: a source starts with all kinds. */
  constructor(source: Pick<EventSource, 'watchKinds'>) {
    this.#source = source
  }

  /** False for a recording, which reports everything it holds. */
  get canSwitch(): boolean {
    return this.#source.watchKinds !== undefined
  }

  /** Switchable kinds that are reported now. */
  get watched(): ReadonlySet<number> {
    return this.#watched
  }

  /** Kinds of trackers that a user started: reported whatever the plan says. */
  get startedByPerson(): ReadonlySet<number> {
    return new Set(TRACKERS.flatMap(({ name, kinds, fixedKinds }) => (this.#byPerson.get(name) === true ? [...kinds, ...fixedKinds] : [])))
  }

  /** Called after a user has started or stopped a tracker. One listener. */
  onSwitched(listener: () => void): void {
    this.#listener = listener
  }

  /** Replaces the plan. @param kinds null for everything @throws the kernel's error; then nothing has changed */
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
    const reported = kinds.filter((kind) => this.#watched.has(kind)).length + fixedKinds.length
    return reported === 0 ? 'off' : reported === kinds.length + fixedKinds.length ? 'on' : 'partly'
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
