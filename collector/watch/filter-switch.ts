// Combines the filters of the plan, the filters of a user, and the trackers that a user started, and sets the result in the probes. One per source.
// A user's filters narrow the plan. A tracker that a user started is reported in full.
import type { Logger } from '../../infra/process/logger.js'
import { FILTER_NUMBERS, KIND } from '../../native/generated/layout.js'
import { type FilterNumber, type KernelFilters, NO_FILTERS, type NumberFilterName } from '../../native/kernel-control.js'
import type { EventSource } from '../source/event-source.js'
import { NO_EVENT_FILTERS, type EventFilters } from './event-filters.js'
import type { KindSwitch } from './kind-switch.js'
import { PathVerdicts } from './path-verdicts.js'
import { openFiltersOf, type PlannedFilters } from './planned-filters.js'
import { type ContainerIdentity, isChosenContainer } from '../containers/container-index.js'

/** Interval between reads of the cgroups while a filter names containers, milliseconds. */
const CGROUP_READ_MS = 250

/** Sets filters of a source. */
export class FilterSwitch {
  /** Answers path tickets of the probes; for the handler of opens. */
  readonly verdicts: PathVerdicts
  /** Cgroups that a filter suppresses but that are reported because there is no room for them. */
  #refusedCgroups = 0
  readonly #source: Pick<EventSource, 'setFilters' | 'setPathVerdict'>
  readonly #kinds: KindSwitch
  readonly #log: Logger
  #planned: PlannedFilters | null = null
  #byPerson: EventFilters = NO_EVENT_FILTERS
  #cgroups: readonly LeftOutCgroup[] = []
  #cgroupSource: CgroupSource | null = null
  #timer: NodeJS.Timeout | null = null
  /** Grows with each plan, which invalidates earlier verdicts. */
  #revision = 0

  constructor(source: Pick<EventSource, 'setFilters' | 'setPathVerdict'>, kinds: KindSwitch, log: Logger) {
    this.#source = source
    this.#kinds = kinds
    this.#log = log
    this.verdicts = new PathVerdicts(source)
    kinds.onSwitched(() => this.#applyOrWarn())
  }

  /** False for a recording, which reports everything it holds. */
  get canFilter(): boolean {
    return this.#source.setFilters !== undefined
  }

  /** The filters that a user set. */
  get filters(): EventFilters {
    return this.#byPerson
  }

  /** The current plan; null for everything. */
  get planned(): PlannedFilters | null {
    return this.#planned
  }

  /** Number of cgroups suppressed now. */
  get cgroupsLeftOut(): number {
    return this.#cgroups.length
  }

  /** For the heartbeat. */
  get counters(): Readonly<Record<'cgroups' | 'cgroupsRefused' | 'pathsEvaluated', number>> {
    return { cgroups: this.cgroupsLeftOut, cgroupsRefused: this.#refusedCgroups, pathsEvaluated: this.verdicts.evaluated }
  }

  /** Replaces the plan. @param planned null for everything @throws the kernel's error; then at least what both plans want is reported */
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

  /** Replaces a user's filters. @throws as `plan` */
  set(filters: EventFilters): void {
    const before = this.#byPerson
    this.#byPerson = filters
    this.#readCgroups()
    try {
      this.#apply()
    } catch (error) {
      this.#byPerson = before
      this.#readCgroups()
      throw error
    }
    this.#follow()
  }

  /** Enables filters by container until `stop`. */
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
    this.#timer = isFollowed ? setInterval(() => this.#refreshCgroups(), CGROUP_READ_MS).unref() : null
  }

  /** Container names arrive after their cgroups and without notice, so all cgroups are read again. */
  #refreshCgroups(): void {
    const before = this.#cgroups
    this.#readCgroups()
    const isSame =
      before.length === this.#cgroups.length &&
      before.every(({ cgroupId, kind }, index) => {
        const now = this.#cgroups[index]
        return now?.cgroupId === cgroupId && now.kind === kind
      })
    if (!isSame) this.#applyOrWarn()
  }

  /** For calls without a caller to throw to. After a failure at least the wanted events are reported. */
  #applyOrWarn(): void {
    try {
      this.#apply()
    } catch (error) {
      this.#log.warn({ err: error }, 'the kernel refuses the filters: more events are emitted than requested')
    }
  }

  #readCgroups(): void {
    const source = this.#cgroupSource
    const wanted = source === null ? [] : leftOutCgroups(this.#byPerson, source)
    this.#cgroups = wanted.slice(0, FILTER_NUMBERS / 2)
    this.#refusedCgroups = wanted.length - this.#cgroups.length
  }

  #apply(): void {
    const { verdicts } = this
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
    // Set before the first ticket arrives, so that each gets an answer.
    verdicts.wants = wants ?? verdicts.wants
    this.#source.setFilters?.(filters)
    verdicts.wants = wants
  }

  #numbers(): Pick<KernelFilters, 'numbers' | 'only'> {
    const { only, except } = this.#byPerson
    const of = (filter: NumberFilterName, values: readonly number[], mode: FilterNumber['mode']): FilterNumber[] =>
      values.map((value) => ({ filter, number: BigInt(value), mode }))
    const fields = [
      ['process', 'pid'],
      ['user', 'uid'],
      ['port', 'port'],
      ['localPort', 'localPort'],
      ['remotePort', 'remotePort'],
      ['anyPort', 'anyPort'],
    ] as const
    const numbers = fields.flatMap(([filter, field]) => [...of(filter, only[field], 'only'), ...of(filter, except[field], 'except')])
    const cgroups = this.#cgroups.map(({ cgroupId, kind }): FilterNumber => {
      return { filter: 'cgroup', number: cgroupId, isV1: kind === 'v1', mode: 'except' }
    })
    return { numbers: [...numbers, ...cgroups], only: new Set(fields.flatMap(([filter, field]) => (only[field].length > 0 ? filter : []))) }
  }
}

/** Kinds that are reported by outcome; null for all. */
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

/** Source of cgroups and container names. */
export interface CgroupSource {
  /** Existing cgroups. */
  cgroups(): Iterable<FilterableCgroup>
  /** What a runtime reported of a container; null before that. */
  identityOf(containerId: string): ContainerIdentity | null
}

/** A suppressed cgroup. */
type LeftOutCgroup = Pick<FilterableCgroup, 'kind' | 'cgroupId'>

const HOST = 'host'

/** True when a filter names containers. */
function asksForContainers({ only, except }: EventFilters): boolean {
  return only.container.length > 0 || except.container.length > 0
}

/** Cgroups that the filters suppress. */
export function leftOutCgroups(filters: EventFilters, source: CgroupSource): LeftOutCgroup[] {
  if (!asksForContainers(filters)) return []
  return [...source.cgroups()].filter((cgroup) => isLeftOut(filters, cgroup.membership, source))
}

function isLeftOut({ only, except }: EventFilters, membership: FilterableCgroup['membership'], source: CgroupSource): boolean {
  const isExcepted = isOneOf(except.container, membership, source)
  if (isExcepted === true) return true
  return only.container.length > 0 && isOneOf(only.container, membership, source) === false
}

/** Null while it is unknown. */
function isOneOf(names: readonly string[], { claim, containerId }: FilterableCgroup['membership'], source: CgroupSource): boolean | null {
  if (containerId === null) return claim === null ? names.includes(HOST) : null
  const identity = source.identityOf(containerId)
  const name = identity?.name ?? null
  const isOne = names.some((wanted) => isChosenContainer(wanted, containerId, name) || isIdentifiedBy(wanted, identity))
  return isOne || name !== null ? isOne : null
}

/** RUNTIME/NAME, or the digest or id of the image: only as a runtime of root reported them. In Kubernetes, tenants choose names. */
function isIdentifiedBy(wanted: string, identity: ContainerIdentity | null): boolean {
  if (identity?.isOfRoot !== true) return false
  if (identity.images.includes(wanted)) return true
  return !identity.isOfPod && wanted === `${identity.runtime}/${identity.name}`
}
