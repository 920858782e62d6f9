// Selects which events are printed, never which are collected. Excluded events are counted, and the count is logged at the end.
import { isChosenContainer } from '../../collector/containers/container-index.js'
import type { UsageRecord } from '../../schemas/generated/types.js'
import type { CollectFlags } from './collect-flags.js'
import { durationUsOf } from './columns.js'
import { type PrintedEvent, chosenKinds, isOfKind, isUsageOfKind } from './details.js'

/** Filter flags; all must match. */
export type FilterFlags = Pick<CollectFlags, 'container' | 'pid' | 'uid' | 'kind' | 'minDuration'>

/** The filter of a command, with its counts. */
export class EventFilter {
  readonly #flags: FilterFlags
  readonly #names: ContainerNames
  readonly #kinds: ReadonlySet<string> | null
  /** Flags that exclude something, as written. */
  readonly flags: readonly string[]
  printed = 0
  leftOut = 0

  /** @throws UsageError for an unknown kind */
  constructor(flags: FilterFlags, names: ContainerNames) {
    const { container, pid, uid, kind, minDuration } = flags
    this.#flags = flags
    this.#names = names
    this.#kinds = kind === undefined ? null : chosenKinds(kind)
    const given = { '--container': container, '--pid': pid, '--uid': uid, '--kind': kind, '--min-duration': minDuration }
    this.flags = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]))
  }

  /** @returns true if the event is printed; counts it */
  takes(event: PrintedEvent): boolean {
    return this.#counted(this.#isWanted(event))
  }

  /** @returns true if the container event is printed; it has no process, kind or duration. Counts it */
  takesContainer(containerId: string): boolean {
    const isOfContainerOnly = this.flags.every((flag) => flag === '--container')
    return this.#counted(isOfContainerOnly && this.#isContainer(containerId))
  }

  /** @returns true if the aggregate is printed; it has no user or duration. Counts it */
  takesUsage({ type, process, containerId }: Pick<UsageRecord, 'type' | 'process' | 'containerId'>): boolean {
    const { pid, uid, container, minDuration } = this.#flags
    const isAsked = uid === undefined && minDuration === undefined && (this.#kinds === null || isUsageOfKind({ type }, this.#kinds))
    const isOfProcess = pid === undefined || process?.pid === pid
    const isOfContainer = container === undefined || (containerId !== null && this.#isContainer(containerId))
    return this.#counted(isAsked && isOfProcess && isOfContainer)
  }

  #counted(isTaken: boolean): boolean {
    if (isTaken) this.printed++
    else this.leftOut++
    return isTaken
  }

  #isWanted(event: PrintedEvent): boolean {
    const { pid, uid, container, minDuration } = this.#flags
    const { process } = event.record
    if (pid !== undefined && process.pid !== pid) return false
    if (uid !== undefined && process.uid !== uid) return false
    if (this.#kinds !== null && !isOfKind(event, this.#kinds)) return false
    if (minDuration !== undefined && (durationUsOf(event) ?? -1) < minDuration * 1000) return false
    return container === undefined || (process.containerId !== null && this.#isContainer(process.containerId))
  }

  #isContainer(id: string): boolean {
    const wanted = this.#flags.container
    if (wanted === undefined) return true
    return isChosenContainer(wanted, id, this.#names.nameOf(id) ?? null)
  }
}

/** Bound of the stored names. */
export const MAX_NAMES = 20_000

/** Container names by id, from container events. */
export class ContainerNames {
  readonly #names = new Map<string, string>()
  readonly #maxNames: number
  readonly #onFull: () => void
  /** Names evicted at the bound. */
  forgotten = 0

  /** @param onFull called once, when the first name is evicted */
  constructor(maxNames = MAX_NAMES, onFull: () => void = () => undefined) {
    this.#maxNames = maxNames
    this.#onFull = onFull
  }

  learn(containerId: string, name: string): void {
    const [first] = this.#names.keys()
    if (first !== undefined && this.#names.size >= this.#maxNames && !this.#names.has(containerId)) {
      this.#names.delete(first)
      if (this.forgotten++ === 0) this.#onFull()
    }
    this.#names.set(containerId, name)
  }

  nameOf(containerId: string): string | undefined {
    return this.#names.get(containerId)
  }
}
