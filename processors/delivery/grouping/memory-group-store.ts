// Groups in memory: of `eunomia run --sink`, where one process has all alerts, and the model of the store in Redis in tests.
import {
  type AddedGroups,
  DEFAULT_GROUP_BOUNDS,
  type DueMessage,
  type GroupBounds,
  type GroupedAlerts,
  type GroupStore,
  type MessagePlace,
  MOST_NAMES,
  OVERFLOW_GROUP,
  type TakenWindow,
} from './group-store.js'

/** Groups whose last windows are remembered. */
const MOST_SENT = 1_000

interface Window {
  readonly alertIds: Set<string>
  readonly hosts: Set<string>
  readonly containers: Set<string>
  readonly rules: Set<string>
  readonly ranges: TakenWindow['ranges'][number][]
  firstUs: number
  lastUs: number
  hasMoreNames: boolean
  mayRepeat: boolean
}

interface Group {
  readonly begunMs: number
  sequence: number
  dueMs: number
  sentBefore: number
  thread: string | null
  alert: Uint8Array
  window: Window
  taken: TakenWindow | null
  takenIds: ReadonlySet<string>
}

export class MemoryGroupStore implements GroupStore {
  /** Of groups that have sent something: ids of the last window, and of the one before it. */
  readonly #sentIds = new Map<string, readonly ReadonlySet<string>[]>()
  readonly #groups = new Map<string, Group>()
  readonly #bounds: GroupBounds
  #minute = -1
  #newGroups = 0

  constructor(bounds: Partial<GroupBounds> = {}) {
    this.#bounds = { ...DEFAULT_GROUP_BOUNDS, ...bounds }
  }

  add(alerts: readonly GroupedAlerts[], nowMs: number): Promise<AddedGroups> {
    const due = alerts.flatMap((one) => {
      const added = this.#addOne(one, nowMs, one.groupId, OVERFLOW_GROUP) ?? this.#addOne(one, nowMs, OVERFLOW_GROUP, one.groupId)
      return added === null ? [] : [added]
    })
    const { windowAlerts, windowRanges } = this.#bounds
    const windows = due.map(({ groupId }) => this.#groups.get(groupId)?.window)
    const isOverfull = windows.some(
      (one) => one !== undefined && (one.alertIds.size > 2 * windowAlerts || one.ranges.length > 10 * windowRanges),
    )
    return Promise.resolve({ due, changes: { last: 0, count: 0 }, isOverfull })
  }

  take({ groupId, begunMs, sequence }: MessagePlace): Promise<TakenWindow | DueMessage | null> {
    const group = this.#groups.get(groupId)
    if (group === undefined) return Promise.resolve(null)
    if (group.begunMs !== begunMs || group.sequence !== sequence) return Promise.resolve(dueOf(groupId, group))
    if (group.taken === null) {
      const { alertIds, hosts, containers, rules, ...rest } = group.window
      const names = { hosts: [...hosts], containers: [...containers], rules: [...rules] }
      const { alert, sentBefore, thread } = group
      group.taken = { groupId, begunMs, sequence, count: alertIds.size, sentBefore, ...rest, ...names, alert, thread }
      group.takenIds = alertIds
      group.window = emptyWindow()
    }
    return Promise.resolve(group.taken)
  }

  sent({ groupId, begunMs, sequence, count }: TakenWindow, thread: string | null, nextMs: number): Promise<DueMessage | null> {
    const group = this.#groups.get(groupId)
    if (group === undefined) return Promise.resolve(null)
    if (group.begunMs !== begunMs || group.sequence !== sequence) return Promise.resolve(dueOf(groupId, group))
    const [last] = this.#sentIds.get(groupId) ?? []
    if (group.takenIds.size > 0) this.#remember(groupId, last === undefined ? [group.takenIds] : [group.takenIds, last])
    group.taken = null
    group.takenIds = new Set()
    if (count === 0 && group.window.ranges.length === 0) {
      this.#groups.delete(groupId)
      return Promise.resolve(null)
    }
    group.sequence++
    group.sentBefore += count
    group.thread ??= thread
    group.dueMs = nextMs
    return Promise.resolve(this.#dueNow(groupId, group))
  }

  open(): Promise<readonly DueMessage[]> {
    const open = [...this.#groups].filter(([, { taken, window }]) => taken === null && window.ranges.length > 0)
    return Promise.resolve(open.map(([groupId, group]) => dueOf(groupId, group)))
  }

  /** @param other a group that may have counted the alerts before. @returns null if the group does not begin */
  #addOne(alerts: GroupedAlerts, nowMs: number, groupId: string, other: string): DueMessage | null {
    const { alertIds, partition, ranges, firstUs, lastUs, hosts, containers, rules } = alerts
    let group = this.#groups.get(groupId)
    const known = [...this.#countedBy(groupId, false), ...this.#countedBy(other, true)]
    const fresh = alertIds.filter((id) => !known.some((ids) => ids.has(id)))
    if (group === undefined) {
      if (fresh.length === 0 || (groupId !== OVERFLOW_GROUP && !this.#mayBegin(nowMs))) return null
      const rest = { sequence: 0, dueMs: 0, sentBefore: 0, thread: null, taken: null, takenIds: new Set<string>() }
      group = { ...rest, begunMs: nowMs, alert: alerts.first, window: emptyWindow() }
      this.#groups.set(groupId, group)
    } else if (group.sequence > 0) group.alert = alerts.last
    const { window } = group
    for (const id of fresh) window.alertIds.add(id)
    // Also of an alert that is being sent: its id may be at another offset, too, and that must be settled.
    window.ranges.push(...ranges.map((range) => ({ partition, range })))
    window.firstUs = Math.min(window.firstUs, firstUs)
    window.lastUs = Math.max(window.lastUs, lastUs)
    window.mayRepeat ||= alerts.mayRepeat
    addNames(window, window.hosts, hosts)
    addNames(window, window.containers, containers)
    addNames(window, window.rules, rules)
    return this.#dueNow(groupId, group)
  }

  /** Ids that a group has counted. @param isOpen also those of its open window */
  #countedBy(groupId: string, isOpen: boolean): readonly ReadonlySet<string>[] {
    const group = this.#groups.get(groupId)
    const sets = group === undefined ? [] : isOpen ? [group.takenIds, group.window.alertIds] : [group.takenIds]
    return [...sets, ...(this.#sentIds.get(groupId) ?? [])]
  }

  #remember(groupId: string, sentIds: readonly ReadonlySet<string>[]): void {
    this.#sentIds.delete(groupId)
    this.#sentIds.set(groupId, sentIds)
    for (const oldest of this.#sentIds.keys()) if (this.#sentIds.size > MOST_SENT && oldest !== groupId) this.#sentIds.delete(oldest)
  }

  #mayBegin(nowMs: number): boolean {
    const minute = Math.floor(nowMs / 60_000)
    if (minute !== this.#minute) this.#newGroups = 0
    this.#minute = minute
    return ++this.#newGroups <= this.#bounds.newPerMinute
  }

  #dueNow(groupId: string, group: Group): DueMessage {
    const { window } = group
    const isFull = window.alertIds.size >= this.#bounds.windowAlerts || window.ranges.length >= this.#bounds.windowRanges
    return isFull ? { ...dueOf(groupId, group), dueMs: 0 } : dueOf(groupId, group)
  }
}

function dueOf(groupId: string, { begunMs, sequence, dueMs }: Group): DueMessage {
  return { groupId, begunMs, sequence, dueMs }
}

function emptyWindow(): Window {
  const names = { hosts: new Set<string>(), containers: new Set<string>(), rules: new Set<string>() }
  return { alertIds: new Set(), ...names, ranges: [], firstUs: Infinity, lastUs: -Infinity, hasMoreNames: false, mayRepeat: false }
}

function addNames(window: Window, names: Set<string>, added: readonly string[]): void {
  for (const name of added) {
    if (names.has(name)) continue
    if (names.size < MOST_NAMES) names.add(name)
    else window.hasMoreNames = true
  }
}
