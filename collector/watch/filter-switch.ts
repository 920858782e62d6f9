// The filters that the probes have now: what the plan wants, what a person set, and which trackers a person started, put together. One per source.
// What any of them wants to be told by plan is narrowed by a person's filters, and a tracker that was started by hand is told whole.
import type { Logger } from '../../infra/process/logger.js'
import { FILTER_NUMBERS, KIND } from '../../native/generated/layout.js'
import { type FilterNumber, type KernelFilters, NO_FILTERS, type NumberFilterName } from '../../native/kernel-control.js'
import type { EventSource } from '../source/event-source.js'
import { NO_EVENT_FILTERS, type EventFilters } from './event-filters.js'
import type { KindSwitch } from './kind-switch.js'
import { PathJudge } from './path-judge.js'
import { openFiltersOf, type PlannedFilters } from './planned-filters.js'
import { isChosenContainer } from '../containers/container-index.js'

/** How often cgroups are looked at while a filter asks for containers, milliseconds. */
const LOOK_MS = 250

/** Sets filters of a source. */
export class FilterSwitch {
  /** Answers the probes; for the handler of opens. */
  readonly judge: PathJudge
  /** Cgroups that are told for want of room, though a filter leaves them out. */
  #refusedCgroups = 0
  readonly #source: Pick<EventSource, 'setFilters' | 'judgePath'>
  readonly #kinds: KindSwitch
  readonly #log: Logger
  #planned: PlannedFilters | null = null
  #byPerson: EventFilters = NO_EVENT_FILTERS
  #cgroups: readonly LeftOutCgroup[] = []
  #cgroupSource: CgroupSource | null = null
  #timer: NodeJS.Timeout | null = null
  /** Grows with each plan: verdicts of the one before are forgotten. */
  #revision = 0

  constructor(source: Pick<EventSource, 'setFilters' | 'judgePath'>, kinds: KindSwitch, log: Logger) {
    this.#source = source
    this.#kinds = kinds
    this.#log = log
    this.judge = new PathJudge(source)
    kinds.onSwitched(() => this.#applyOrTell())
  }

  /** False for a recording: what it holds is told. */
  get canFilter(): boolean {
    return this.#source.setFilters !== undefined
  }

  /** What a person set. */
  get filters(): EventFilters {
    return this.#byPerson
  }

  /** The plan in force; null for everything. */
  get planned(): PlannedFilters | null {
    return this.#planned
  }

  /** Cgroups that are left out now. */
  get cgroupsLeftOut(): number {
    return this.#cgroups.length
  }

  /** For the heartbeat. */
  get counters(): Readonly<Record<'cgroups' | 'cgroupsRefused' | 'pathsJudged', number>> {
    return { cgroups: this.cgroupsLeftOut, cgroupsRefused: this.#refusedCgroups, pathsJudged: this.judge.judged }
  }

  /** Puts a plan in the place of the one before. @param planned null for everything @throws what the kernel refuses with; then at least what both want is told */
  plan(planned: PlannedFilters | null): void {
    const before = this.#planned
    this.#planned = planned
    this.#revision++
    try {
      this.#apply()
    } catch (error) {
      this.#planned = before
      throw error
    }
  }

  /** Puts a person's filters in the place of those before. @throws as `plan` */
  set(filters: EventFilters): void {
    const before = this.#byPerson
    this.#byPerson = filters
    this.#lookAtCgroups()
    try {
      this.#apply()
    } catch (error) {
      this.#byPerson = before
      this.#lookAtCgroups()
      throw error
    }
    this.#follow()
  }

  /** Filters by container begin to work: from now on it is known which cgroup is whose. Until `stop`. */
  followContainers(source: CgroupSource): void {
    this.#cgroupSource = source
    this.set(this.#byPerson)
  }

  stop(): void {
    this.#cgroupSource = null
    this.#follow()
  }

  #follow(): void {
    const isFollowed = this.#cgroupSource !== null && asksForContainers(this.#byPerson)
    if (isFollowed === (this.#timer !== null)) return
    if (this.#timer !== null) clearInterval(this.#timer)
    this.#timer = isFollowed ? setInterval(() => this.#look(), LOOK_MS).unref() : null
  }

  /** Names of containers come later than their cgroups, and without a word: so all are looked at. */
  #look(): void {
    const before = this.#cgroups
    this.#lookAtCgroups()
    const isSame =
      before.length === this.#cgroups.length &&
      before.every(({ cgroupId, kind }, index) => {
        const now = this.#cgroups[index]
        return now?.cgroupId === cgroupId && now.kind === kind
      })
    if (!isSame) this.#applyOrTell()
  }

  /** What nobody waits for: at least what should be told is told then. */
  #applyOrTell(): void {
    try {
      this.#apply()
    } catch (error) {
      this.#log.warn({ err: error }, 'the kernel does not take the filters: more is told than should be')
    }
  }

  #lookAtCgroups(): void {
    const source = this.#cgroupSource
    const wanted = source === null ? [] : leftOutCgroups(this.#byPerson, source)
    this.#cgroups = wanted.slice(0, FILTER_NUMBERS / 2)
    this.#refusedCgroups = wanted.length - this.#cgroups.length
  }

  #apply(): void {
    const { judge } = this
    const planned = this.#planned
    const isOpenWhole = planned === null || this.#kinds.startedByPerson.has(KIND.open)
    const { wants, ...opens } = isOpenWhole ? { wants: null, ...NO_FILTERS } : openFiltersOf(planned.opens)
    const filters: KernelFilters = {
      ...this.#numbers(),
      ...outcomesOf(planned, this.#kinds.startedByPerson, this.#byPerson),
      opened: opens.opened,
      openFailed: opens.openFailed,
      pathRevision: this.#revision,
    }
    // Before the first ticket: none is left without an answer.
    judge.wants = wants ?? judge.wants
    this.#source.setFilters?.(filters)
    judge.wants = wants
  }

  #numbers(): Pick<KernelFilters, 'numbers' | 'only'> {
    const { only, except } = this.#byPerson
    const of = (filter: NumberFilterName, values: readonly number[], mode: FilterNumber['mode']): FilterNumber[] =>
      values.map((value) => ({ filter, number: BigInt(value), mode }))
    const fields = [
      ['process', 'pid'],
      ['user', 'uid'],
      ['port', 'port'],
    ] as const
    const numbers = fields.flatMap(([filter, field]) => [...of(filter, only[field], 'only'), ...of(filter, except[field], 'except')])
    const cgroups = this.#cgroups.map(({ cgroupId, kind }): FilterNumber => {
      return { filter: 'cgroup', number: cgroupId, isV1: kind === 'v1', mode: 'except' }
    })
    return { numbers: [...numbers, ...cgroups], only: new Set(fields.flatMap(([filter, field]) => (only[field].length > 0 ? filter : []))) }
  }
}

/** Kinds that are told by their outcome; null for all. */
function outcomesOf(
  planned: PlannedFilters | null,
  started: ReadonlySet<number>,
  { outcome }: EventFilters,
): Pick<KernelFilters, 'succeeded' | 'failed'> {
  const whole = (kinds: ReadonlySet<number> | undefined): ReadonlySet<number> | null =>
    kinds === undefined ? null : new Set([...kinds, ...started])
  return {
    succeeded: outcome === 'failed' ? new Set() : whole(planned?.succeeded),
    failed: outcome === 'succeeded' ? new Set() : whole(planned?.failed),
  }
}

/** A cgroup as filters see it. */
export interface FilterableCgroup {
  readonly kind: 'v1' | 'v2'
  readonly cgroupId: bigint
  readonly membership: { readonly claim: string | null; readonly containerId: string | null }
}

/** Where cgroups and the names of containers are known. */
export interface CgroupSource {
  /** Cgroups that are there. */
  cgroups(): Iterable<FilterableCgroup>
  /** Name of a container; null while it is not known. */
  nameOf(containerId: string): string | null
}

/** A cgroup that is left out. */
type LeftOutCgroup = Pick<FilterableCgroup, 'kind' | 'cgroupId'>

const HOST = 'host'

/** True when a filter asks which container an event is of. */
function asksForContainers({ only, except }: EventFilters): boolean {
  return only.container.length > 0 || except.container.length > 0
}

/** Cgroups that the filters leave out. */
export function leftOutCgroups(filters: EventFilters, source: CgroupSource): LeftOutCgroup[] {
  if (!asksForContainers(filters)) return []
  return [...source.cgroups()].filter((cgroup) => isLeftOut(filters, cgroup.membership, source))
}

function isLeftOut({ only, except }: EventFilters, membership: FilterableCgroup['membership'], source: CgroupSource): boolean {
  const isExcepted = isOneOf(except.container, membership, source)
  if (isExcepted === true) return true
  return only.container.length > 0 && isOneOf(only.container, membership, source) === false
}

/** Null while it can't be said. */
function isOneOf(names: readonly string[], { claim, containerId }: FilterableCgroup['membership'], source: CgroupSource): boolean | null {
  if (containerId === null) return claim === null ? names.includes(HOST) : null
  const name = source.nameOf(containerId)
  const isOne = names.some((wanted) => isChosenContainer(wanted, containerId, name))
  return isOne || name !== null ? isOne : null
}
