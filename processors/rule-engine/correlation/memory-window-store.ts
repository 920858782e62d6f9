// Stores windows in memory, for `eunomia run` and tests. Groups and observations are bounded. At a bound, the correlation that holds the most loses its least
// recently used group, so that a hostile group-by does not displace the others.
import type { Counter } from '../../../infra/process/metrics.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import { emptyWindow, compareObservations, correlationKey, groupKey, type GroupWindow, type Observation } from './group-window.js'
import { isOver } from './evaluate-window.js'
import type { DueGroup, WindowStore } from './window-store.js'
/** Bounds of a MemoryWindowStore. */
export interface MemoryWindowOptions {
  /** Most groups of all correlations; default 50,000. */
  readonly maxGroups?: number
  /** Most observations of all groups; default 500,000, about 100 MB. */
  readonly maxObservations?: number
  /** Counts groups that were dropped at a bound with their observations. */
  readonly forgotten?: Counter
}

interface Group<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly key: string
  window: GroupWindow<Evidence>
  /** Observations of the window at the last count. */
  observations: number
  /** By identity: an observation that is added twice waits once. */
  readonly waiting: Map<string, Observation<Evidence>>
}

/** The groups of one correlation. The Map is in order of use: the first group is the least recently used. */
interface Groups<Evidence> {
  readonly byKey: Map<string, Group<Evidence>>
  observations: number
}

/** A store in memory. */
export class MemoryWindowStore<Evidence> implements WindowStore<Evidence> {
  readonly #groups = new Map<string, Groups<Evidence>>()
  /** Groups with waiting observations, or with an open window that is evaluated at its end. */
  readonly #active = new Set<Group<Evidence>>()
  readonly #maxGroups: number
  readonly #maxObservations: number
  readonly #forgotten: Counter | undefined
  #size = 0
  #observations = 0
  #waiting = 0

  constructor({ maxGroups = 50_000, maxObservations = 500_000, forgotten }: MemoryWindowOptions = {}) {
    this.#maxGroups = maxGroups
    this.#maxObservations = maxObservations
    this.#forgotten = forgotten
  }

  get waiting(): number {
    return this.#waiting
  }
  /** Number of groups. */
  get size(): number {
    return this.#size
  }
  /** Number of stored observations, without waiting ones. */
  get observations(): number {
    return this.#observations
  }

  add(observations: readonly Observation<Evidence>[]): Promise<void> {
    for (const observation of observations) this.#addOne(observation)
    return Promise.resolve()
  }

  due(depth: number, beforeUs: number): Promise<readonly DueGroup<Evidence>[]> {
    const due: DueGroup<Evidence>[] = []
    for (const { correlation, key, window, waiting } of this.#active) {
      if (correlation.depth !== depth) continue
      const observations = [...waiting.values()].filter(({ timeUs }) => timeUs < beforeUs).sort(compareObservations)
      const isWindowOver = window.openedAtUs !== null && window.openedAtUs + correlation.timespan.us < beforeUs
      if (observations.length > 0 || isWindowOver) due.push({ correlation, key, window, observations })
    }
    return Promise.resolve(due)
  }

  settle(groups: readonly DueGroup<Evidence>[], beforeUs: number): Promise<void> {
    for (const { correlation, key, window } of groups) {
      const ofCorrelation = this.#groups.get(correlationKey(correlation))
      const group = ofCorrelation?.byKey.get(key)
      // Dropped at a bound in the meantime.
      if (ofCorrelation === undefined || group === undefined) continue
      for (const [id, { timeUs }] of group.waiting) if (timeUs < beforeUs) this.#evaluated(group, id)
      group.window = window
      this.#count(ofCorrelation, group, window.observations.length)
      if (group.waiting.size === 0 && window.openedAtUs === null) this.#active.delete(group)
    }
    while (this.#observations > this.#maxObservations && this.#forgetHeaviest());
    return Promise.resolve()
  }

  /** From the least recently used group to the first one that is still needed. */
  forgetOver(beforeUs: number): Promise<void> {
    for (const [key, groups] of this.#groups) {
      for (const group of groups.byKey.values()) {
        if (group.waiting.size > 0 || !isOver(group.window, group.correlation, beforeUs)) break
        this.#forget(groups, group)
      }
      if (groups.byKey.size === 0) this.#groups.delete(key)
    }
    return Promise.resolve()
  }

  clear(): Promise<void> {
    this.#groups.clear()
    this.#active.clear()
    this.#size = 0
    this.#observations = 0
    this.#waiting = 0
    return Promise.resolve()
  }

  #addOne(observation: Observation<Evidence>): void {
    const { correlation } = observation
    const ofCorrelation = this.#ofCorrelation(correlation)
    const key = groupKey(observation.group)
    const group = ofCorrelation.byKey.get(key) ?? this.#newGroup(correlation, key)
    const identity = `${String(observation.member)} ${observation.id}`
    if (!group.waiting.has(identity)) this.#waiting++
    group.waiting.set(identity, observation)
    this.#active.add(group)
    ofCorrelation.byKey.delete(key)
    ofCorrelation.byKey.set(key, group)
  }

  #ofCorrelation(correlation: CompiledCorrelation): Groups<Evidence> {
    const key = correlationKey(correlation)
    const known = this.#groups.get(key)
    if (known !== undefined) return known
    const groups: Groups<Evidence> = { byKey: new Map(), observations: 0 }
    this.#groups.set(key, groups)
    return groups
  }

  #newGroup(correlation: CompiledCorrelation, key: string): Group<Evidence> {
    if (this.#size >= this.#maxGroups) this.#forgetHeaviest()
    this.#size++
    return { correlation, key, window: emptyWindow(), observations: 0, waiting: new Map() }
  }

  #evaluated(group: Group<Evidence>, identity: string): void {
    group.waiting.delete(identity)
    this.#waiting--
  }

  #count(ofCorrelation: Groups<Evidence>, group: Group<Evidence>, observations: number): void {
    ofCorrelation.observations += observations - group.observations
    this.#observations += observations - group.observations
    group.observations = observations
  }

  /** False if there is nothing to drop. */
  #forgetHeaviest(): boolean {
    let heaviest: Groups<Evidence> | undefined
    for (const groups of this.#groups.values()) {
      if (heaviest === undefined || weight(groups) > weight(heaviest)) heaviest = groups
    }
    const [oldest] = heaviest?.byKey.values() ?? []
    if (heaviest === undefined || oldest === undefined) return false
    this.#forget(heaviest, oldest)
    this.#forgotten?.add()
    return true
  }

  #forget(groups: Groups<Evidence>, group: Group<Evidence>): void {
    groups.byKey.delete(group.key)
    this.#count(groups, group, 0)
    this.#size--
    this.#waiting -= group.waiting.size
    this.#active.delete(group)
  }
}

function weight<Evidence>({ byKey, observations }: Groups<Evidence>): number {
  return byKey.size + observations
}
