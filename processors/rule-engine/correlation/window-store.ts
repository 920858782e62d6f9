// The port of the windows of correlations: observations that wait until nothing earlier can come, and what is kept of each group. A store holds
// data and judges nothing. Batches go in with one call and due groups come out with one, so that a store elsewhere costs one round trip.
import type { Observation, GroupWindow } from './group-window.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'

/** A group that has something to judge. */
export interface DueGroup<Evidence> {
  readonly correlation: CompiledCorrelation
  /** Identity within the correlation, see groupKey. */
  readonly key: string
  /** Judging writes on it; `settle` stores it. */
  readonly window: GroupWindow<Evidence>
  /** In order of time. */
  readonly observations: readonly Observation<Evidence>[]
}

/** Keeps windows. */
export interface WindowStore<Evidence> {
  /** Takes observations to the others of their groups. Taking one again changes nothing while it waits. */
  add(observations: readonly Observation<Evidence>[]): Promise<void>
  /** Groups of correlations of this depth with observations before the time, or with a window that is over by then. */
  due(depth: number, beforeUs: number): Promise<readonly DueGroup<Evidence>[]>
  /** Stores what became of groups that were due, without the observations that were judged. */
  settle(groups: readonly DueGroup<Evidence>[], beforeUs: number): Promise<void>
  /** Forgets groups of which nothing is needed behind the time. Only when all that feeds them was judged up to it: a correlation below may still fire. */
  forgetOver(beforeUs: number): Promise<void>
  /** Forgets everything. */
  clear(): Promise<void>
  /** Observations that wait. */
  readonly waiting: number
}
