// The answers of the control API: one schema each. The server is compiled against it, and clients validate with it.
// A client may talk to a collector of another version, so it accepts unknown fields and refuses missing ones.
import { JsonShape, type Shaped, Type, WHOLE_NUMBER } from '../../infra/config/json-shape.js'
import { LOSS_PLACE_SYMBOLS } from '../../schemas/generated/types.js'
import { EVENT_FILTERS } from '../watch/event-filters.js'
import { TRACKER_STATES } from '../watch/kind-switch.js'

const TEXT = Type.String()
const TEXTS = Type.Array(TEXT)
const NUMBER = Type.Number()
const FLAG = Type.Boolean()

/** GET /health: the process answers. */
export const HEALTH = new JsonShape(Type.Object({ status: Type.Literal('alive'), version: TEXT }))
export type Health = Shaped<typeof HEALTH.schema>

/** GET /ready: the collector works, or why it does not. */
export const READINESS = new JsonShape(
  Type.Union([
    Type.Object({ isReady: Type.Literal(false), reason: TEXT }),
    Type.Object({ isReady: Type.Literal(true), probes: WHOLE_NUMBER, probesAttached: WHOLE_NUMBER, containers: WHOLE_NUMBER }),
  ]),
)
export type Readiness = Shaped<typeof READINESS.schema>

const ACCOUNT = Type.Object({
  topic: TEXT,
  kind: TEXT,
  cpu: WHOLE_NUMBER,
  emitted: WHOLE_NUMBER,
  published: WHOLE_NUMBER,
  droppedRing: WHOLE_NUMBER,
  droppedCollector: WHOLE_NUMBER,
  droppedSpool: WHOLE_NUMBER,
  suppressed: WHOLE_NUMBER,
  spooled: WHOLE_NUMBER,
  inFlight: WHOLE_NUMBER,
  isInherited: FLAG,
})

const LOSS = Type.Object({
  fromUs: WHOLE_NUMBER,
  untilUs: WHOLE_NUMBER,
  topic: TEXT,
  kind: TEXT,
  cpu: WHOLE_NUMBER,
  where: Type.Enum(LOSS_PLACE_SYMBOLS),
  count: WHOLE_NUMBER,
})

/**
 * GET /ledger. `counters`: those of the heartbeat that explain accounts and what has none: events over the budget of their process
 * (`suppressed.budget.KIND`), and calls that no table has (`calls.unknown.ABI.NUMBER`). @see Account, schemas/host.avsc Loss
 */
export const LEDGER = new JsonShape(
  Type.Object({ accounts: Type.Array(ACCOUNT), losses: Type.Array(LOSS), counters: Type.Record(TEXT, NUMBER) }),
)
export type LedgerAnswer = Shaped<typeof LEDGER.schema>

const EVENT_COUNTS = Type.Object({ process: WHOLE_NUMBER, file: WHOLE_NUMBER, network: WHOLE_NUMBER, kernel: WHOLE_NUMBER })

/** GET /processes. @see EventActivity */
export const ACTIVITY = new JsonShape(
  Type.Object({
    bootId: TEXT,
    startedAtUs: NUMBER,
    processes: Type.Array(Type.Object({ pid: WHOLE_NUMBER, startUs: NUMBER, events: EVENT_COUNTS })),
    total: EVENT_COUNTS,
  }),
)
export type ActivityAnswer = Shaped<typeof ACTIVITY.schema>

/**
 * GET /self: the process of the collector. `capabilities`: those that any of its threads has, by name. `noNewPrivileges`: programs that it starts
 * get no more privileges. `use`: counters `own.*` of the heartbeat (own-use.ts); null while it starts or ends. `clockOffsetMs`: clock of the host
 * minus that of the Kafka brokers; null while it is not known, and without Kafka.
 */
export const SELF = new JsonShape(
  Type.Object({
    pid: WHOLE_NUMBER,
    userId: WHOLE_NUMBER,
    threads: WHOLE_NUMBER,
    capabilities: TEXTS,
    noNewPrivileges: FLAG,
    use: Type.Union([Type.Record(TEXT, NUMBER), Type.Null()]),
    clockOffsetMs: Type.Union([NUMBER, Type.Null()]),
  }),
)
export type SelfReport = Shaped<typeof SELF.schema>

/**
 * One tracker. `cause`: what switched it last: the current plan, the settings (a tracker of aggregates), or a user. `problem`: why it is off although
 * it was requested. `kinds`: by the names of the ledger; `alwaysEmitted`: those that can't be switched off. `emitted`: events since the counters began,
 * `suppressed`: events that filters suppressed.
 */
const TRACKER_REPORT = Type.Object({
  name: TEXT,
  description: TEXT,
  state: Type.Enum(TRACKER_STATES),
  cause: Type.Enum(['plan', 'settings', 'person']),
  problem: Type.Union([TEXT, Type.Null()]),
  kinds: TEXTS,
  alwaysEmitted: TEXTS,
  emitted: WHOLE_NUMBER,
  suppressed: WHOLE_NUMBER,
})
export type TrackerReport = Shaped<typeof TRACKER_REPORT>

/** GET /trackers. */
export const TRACKER_LIST = new JsonShape(Type.Object({ trackers: Type.Array(TRACKER_REPORT) }))
export type TrackerList = Shaped<typeof TRACKER_LIST.schema>

/** POST /trackers/NAME/start and stop: the tracker after it. */
export const SWITCHED_TRACKER = new JsonShape(Type.Object({ tracker: TRACKER_REPORT }))
export type SwitchedTracker = Shaped<typeof SWITCHED_TRACKER.schema>

/** GET, PUT and DELETE /filters: the filters of a user. `cgroupsLeftOut`: cgroups suppressed now by filters that name containers. */
export const FILTER_REPORT = new JsonShape(Type.Object({ ...EVENT_FILTERS.properties, cgroupsLeftOut: WHOLE_NUMBER }))
export type FilterReport = Shaped<typeof FILTER_REPORT.schema>

/** GET and PUT /usage: the current settings. @see UsageSettings */
export const USAGE_REPORT = new JsonShape(Type.Object({ intervalMs: WHOLE_NUMBER, pids: Type.Array(WHOLE_NUMBER), containers: TEXTS }))
export type UsageReport = Shaped<typeof USAGE_REPORT.schema>

/** An answer: JSON, or a text with its own type. */
export type ControlAnswer =
  { readonly status: number; readonly body: unknown } | { readonly status: number; readonly text: string; readonly contentType: string }

/** Why a request is refused: the client's mistake, in one sentence. The body is `{ "error": message }`. */
export class ControlRefusal extends Error {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message)
    this.status = status
    this.headers = headers
  }
}
