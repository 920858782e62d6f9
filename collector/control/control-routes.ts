// The routes of the control API: one line of the table per path and method. Knows no sockets and no HTTP.
import type { CollectorFigures } from '../collector-options.js'
import type { EventActivity } from '../processes/event-counts.js'
import { kindFacts } from '../ring-events/event-kinds.js'
import { BUDGET_COUNTERS } from '../heartbeat.js'
import { UNKNOWN_CALL_COUNTERS } from '../unknown-calls.js'
import type { Account } from '../ledger/account.js'
import type { UsageTrackers } from '../usage/usage-trackers.js'
import type { KindSwitch } from '../watch/kind-switch.js'
import type { ChangeTrail, WatchChange } from '../watch/change-trail.js'
import { trackerNamed, TRACKERS, type Tracker } from '../watch/trackers.js'
import type { FilterSwitch } from '../watch/filter-switch.js'
import {
  type ActivityAnswer,
  type ControlAnswer,
  ControlRefusal,
  type Health,
  type LedgerAnswer,
  type Readiness,
  type SwitchedTracker,
  type TrackerList,
  type TrackerReport,
  type SelfReport,
} from './control-answers.js'
import { clearFilters, currentFilters, replaceFilters, changeUsage, currentUsage, switchUsage, usageReports } from './control-changes.js'
import { capabilitiesText } from '../../infra/process/capability-names.js'
import { heldPrivileges } from '../../native/privileges.js'

/** What the API reads and changes. */
export interface ControlTarget {
  /** Null while the collector starts or ends. */
  readonly figures: () => CollectorFigures | null
  /** Events by process; null as `figures`. */
  readonly activity: () => EventActivity | null
  readonly kinds: KindSwitch
  readonly filters: FilterSwitch
  /** Trackers of aggregates; null when none are read. */
  readonly usage: UsageTrackers | null
  /** Where changes are recorded; default nowhere. */
  readonly trail?: Pick<ChangeTrail, 'record'>
  readonly metrics: { text(): Promise<string>; readonly contentType: string }
  readonly version: string
}

interface Route {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  readonly path: RegExp
  readonly answer: (target: ControlTarget, parts: readonly string[], body: string) => ControlAnswer | Promise<ControlAnswer>
}

/** Callers name the type of the answer's schema. */
const json = <Answer>(body: NoInfer<Answer>, status = 200): ControlAnswer => ({ status, body })

const ROUTES: readonly Route[] = [
  { method: 'GET', path: /^\/health$/, answer: ({ version }) => json<Health>({ status: 'alive', version }) },
  { method: 'GET', path: /^\/ready$/, answer: readiness },
  {
    method: 'GET',
    path: /^\/metrics$/,
    answer: async ({ metrics }) => ({ status: 200, text: await metrics.text(), contentType: metrics.contentType }),
  },
  { method: 'GET', path: /^\/self$/, answer: ({ figures }) => json<SelfReport>(selfReport(figures()?.counters ?? null)) },
  { method: 'GET', path: /^\/ledger$/, answer: ledgerOf },
  { method: 'GET', path: /^\/processes$/, answer: ({ activity }) => json<ActivityAnswer>(running(activity())) },
  {
    method: 'GET',
    path: /^\/trackers$/,
    answer: (target) => json<TrackerList>({ trackers: [...TRACKERS.map((one) => reportOf(one, target)), ...usageReports(target.usage)] }),
  },
  { method: 'GET', path: /^\/filters$/, answer: ({ filters }) => currentFilters(filters) },
  { method: 'PUT', path: /^\/filters$/, answer: ({ filters }, _parts, body) => replaceFilters(filters, body) },
  { method: 'DELETE', path: /^\/filters$/, answer: ({ filters }) => clearFilters(filters) },
  { method: 'GET', path: /^\/usage$/, answer: ({ usage }) => currentUsage(usage) },
  { method: 'PUT', path: /^\/usage$/, answer: ({ usage }, _parts, body) => changeUsage(usage, body) },
  {
    method: 'POST',
    path: /^\/trackers\/([^/]+)\/(start|stop)$/,
    answer: (target, [name = '', verb]) => switched(target, name, verb === 'start'),
  },
]

/** Answers a request, and records what it changed. @param path without query @param body as sent @param caller who asks, for the record @throws ControlRefusal when it does not exist or is not allowed */
export async function controlAnswer(
  target: ControlTarget,
  method: string,
  path: string,
  body: string,
  caller = 'control socket',
): Promise<ControlAnswer> {
  const there = ROUTES.filter((route) => route.path.test(path))
  if (there.length === 0) throw new ControlRefusal(404, 'there is nothing at this path')
  const asked = method === 'HEAD' ? 'GET' : method
  const route = there.find((one) => one.method === asked)
  if (route === undefined) {
    const allow = there.map((one) => one.method).join(', ')
    throw new ControlRefusal(405, `only ${allow} is answered here`, { allow })
  }
  const parts = route.path.exec(path)?.slice(1) ?? []
  const change = route.method === 'GET' ? null : changeOf(path, parts)
  if (change === null) return await route.answer(target, parts, body)
  const before = stateOf(target, change)
  const answer = await route.answer(target, parts, body)
  target.trail?.record({ ...change, actor: caller, before, after: stateOf(target, change) })
  return answer
}

type Changed = Pick<WatchChange, 'action' | 'target'>

function changeOf(path: string, [name = '', verb]: readonly string[]): Changed {
  if (path === '/filters') return { action: 'filters', target: '' }
  if (path === '/usage') return { action: 'usage_settings', target: '' }
  return { action: verb === 'start' ? 'tracker_start' : 'tracker_stop', target: name }
}

function stateOf(target: ControlTarget, { action, target: name }: Changed): unknown {
  if (action === 'filters') return target.filters.filters
  if (action === 'usage_settings') return target.usage?.settings ?? null
  const tracker = trackerNamed(name)
  if (tracker !== undefined) return { state: target.kinds.stateOf(tracker), cause: target.kinds.causeOf(tracker) }
  const { state, cause } = usageReports(target.usage).find((one) => one.name === name) ?? {}
  return { state, cause }
}

function readiness({ figures }: ControlTarget): ControlAnswer {
  const now = figures()
  if (now === null) return json<Readiness>({ isReady: false, reason: 'the collector starts or ends' }, 503)
  const attached = now.probes.filter(({ isAttached }) => isAttached).length
  return json<Readiness>({ isReady: true, probes: now.probes.length, probesAttached: attached, containers: now.containers })
}

function figuresOf({ figures }: ControlTarget): CollectorFigures {
  return running(figures())
}

function running<Answer>(answer: Answer | null): Answer {
  if (answer === null) throw new ControlRefusal(503, 'the collector starts or ends: try again')
  return answer
}

/** Counters that belong to the ledger. */
const EXPLAINING = [BUDGET_COUNTERS, UNKNOWN_CALL_COUNTERS]

function ledgerOf(target: ControlTarget): ControlAnswer {
  const { accounts, losses, counters } = figuresOf(target)
  const explaining = Object.entries(counters).filter(([name]) => EXPLAINING.some((start) => name.startsWith(start)))
  return json<LedgerAnswer>({ accounts, losses, counters: Object.fromEntries(explaining) })
}

const notHere = (name: string): string =>
  `${name} makes aggregates, which only \`eunomia collect\` on a live host does: name it there in collector.usage.trackers, or in collector.usage.ready to start it later`

async function switched(target: ControlTarget, name: string, isStarted: boolean): Promise<ControlAnswer> {
  if (target.usage?.has(name) === true) return json<SwitchedTracker>({ tracker: await switchUsage(target.usage, name, isStarted) })
  const tracker = trackerNamed(name)
  if (tracker === undefined && target.usage === null && /-usage$/.test(name)) throw new ControlRefusal(409, notHere(name))
  if (tracker === undefined) {
    throw new ControlRefusal(404, `unknown tracker; the trackers are ${TRACKERS.map((one) => one.name).join(', ')}`)
  }
  if (!target.kinds.canSwitch) throw new ControlRefusal(409, 'a recording is played: nothing can be switched')
  if (tracker.kinds.length === 0 && !isStarted) throw new ControlRefusal(409, `${tracker.name} can't be stopped: ${tracker.description}`)
  target.kinds.set(tracker, isStarted)
  return json<SwitchedTracker>({ tracker: reportOf(tracker, target) })
}

function reportOf(tracker: Tracker, target: ControlTarget): TrackerReport {
  const { name, description, kinds, fixedKinds } = tracker
  const namesOf = (numbers: readonly number[]): readonly string[] => numbers.map((kind) => kindFacts(kind)?.name ?? String(kind))
  const all = namesOf([...fixedKinds, ...kinds])
  const accounts = (target.figures()?.accounts ?? []).filter((account) => !account.isInherited && all.includes(account.kind))
  const sum = (read: (account: Account) => number): number => accounts.reduce((total, account) => total + read(account), 0)
  return {
    name,
    description,
    state: target.kinds.stateOf(tracker),
    cause: target.kinds.causeOf(tracker),
    problem: null,
    kinds: all,
    alwaysEmitted: namesOf(fixedKinds),
    emitted: sum((account) => account.emitted),
    suppressed: sum((account) => account.suppressed),
  }
}

const USE = 'own.'

/** Reports on this process. @param counters of the heartbeat */
function selfReport(counters: Readonly<Record<string, number>> | null): SelfReport {
  const use =
    counters === null
      ? null
      : Object.fromEntries(
          Object.entries(counters).flatMap(([name, count]) => (name.startsWith(USE) ? [[name.slice(USE.length), count]] : [])),
        )
  const { threads, permitted, noNewPrivileges } = heldPrivileges()
  const capabilities = permitted === 0 ? [] : capabilitiesText(permitted).split(' ')
  const clockOffsetMs = counters?.['publisher.clockOffsetMs'] ?? null
  return { pid: process.pid, userId: process.geteuid?.() ?? 0, threads, capabilities, noNewPrivileges, use, clockOffsetMs }
}
