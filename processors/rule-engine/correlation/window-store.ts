// The port to the windows of correlations: waiting observations and the state of each group. A store holds data and evaluates nothing. One call adds a batch
// and one returns the due groups, so that a remote store costs one round trip.
import type { Observation, GroupWindow } from './group-window.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'

/** A group that is due for evaluation. */
export interface DueGroup<Evidence> {
  readonly correlation: CompiledCorrelation
  /** Identity within the correlation, see groupKey. */
  readonly key: string
  /** Evaluation changes it; `settle` stores it. */
  readonly window: GroupWindow<Evidence>
  /** In time order. */
  readonly observations: readonly Observation<Evidence>[]
}

/** A store of windows. */
export interface WindowStore<Evidence> {
  /** Adds observations to their groups. Adding one again changes nothing while it waits. */
  add(observations: readonly Observation<Evidence>[]): Promise<void>
  /** Groups of correlations of this depth with observations before the time, or with a window that ends before it. */
  due(depth: number, beforeUs: number): Promise<readonly DueGroup<Evidence>[]>
  /** Stores due groups after evaluation, without the evaluated observations. */
  settle(groups: readonly DueGroup<Evidence>[], beforeUs: number): Promise<void>
  /** Drops groups of which nothing is needed after the time. Call it only when all that feeds them is evaluated up to it: a correlation below may still fire. */
  forgetOver(beforeUs: number): Promise<void>
  /** Drops everything. */
  clear(): Promise<void>
  /** Number of waiting observations. */
  readonly waiting: number
}
