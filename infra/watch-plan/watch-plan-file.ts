// Reads a watch plan from a file and checks it against its schema. The error is one sentence that names the field.
import { readFileSync, statSync } from 'node:fs'
import { JsonShape, type Shaped, type TSchema, Type } from '../config/json-shape.js'
import { EunomiaError, messageOf } from '../process/errors.js'
import { OPEN_INTENTS, ROUTES, WATCH_PLAN_VERSION, type PathPattern, type Watch, type WatchPlan } from './watch-plan.js'

/** A file that is not a plan, or a plan of another version. */
export class WatchPlanError extends EunomiaError {
  static override readonly code = 'EUNOMIA_WATCH_PLAN'
  static override readonly isUserMistake = true
}

/** A watch without the rules that need it. */
export type PlannedWatch = Omit<Watch, 'rules'>

/** A plan as the collector applies it. */
export interface PlannedWatches extends Omit<WatchPlan, 'version' | 'watches'> {
  readonly watches: readonly PlannedWatch[]
}

const MAX_PLAN_BYTES = 16 << 20

const orNull = <Schema extends TSchema>(schema: Schema) => Type.Optional(Type.Union([schema, Type.Null()]))

const PATTERN = Type.Object({
  kind: Type.Enum(['path', 'prefix', 'suffix', 'part', 'name', 'glob']),
  text: Type.String(),
  ignoresCase: Type.Optional(Type.Boolean()),
})
/** An absent field is no condition. */
const WATCH = Type.Object({
  topic: Type.Enum(['process', 'file', 'network', 'kernel']),
  eventTypes: Type.Array(Type.String()),
  outcome: orNull(Type.Enum(['succeeded', 'failed'])),
  intents: orNull(Type.Array(Type.Enum([...OPEN_INTENTS]))),
  paths: orNull(Type.Array(PATTERN)),
  givenPaths: orNull(Type.Array(PATTERN)),
  routes: orNull(Type.Array(Type.Enum([...ROUTES]))),
})
const PLAN = new JsonShape(
  Type.Object({
    version: Type.Literal(WATCH_PLAN_VERSION),
    mode: Type.Enum(['detect', 'forensic']),
    ruleSetHash: orNull(Type.String()),
    watches: Type.Array(WATCH),
    dnsNames: Type.Optional(Type.Boolean()),
  }),
)

/** @throws WatchPlanError naming the file and what was expected */
export function readWatchPlan(path: string): PlannedWatches {
  let text: string
  try {
    if (statSync(path).size > MAX_PLAN_BYTES) throw new Error(`it is larger than ${String(MAX_PLAN_BYTES)} bytes`)
    text = readFileSync(path, 'utf8')
  } catch (error) {
    throw invalid(path, messageOf(error), error)
  }
  return parseWatchPlan(text, path)
}

/** @param path for messages @throws WatchPlanError */
export function parseWatchPlan(text: string, path: string): PlannedWatches {
  let plan: unknown
  try {
    plan = JSON.parse(text)
  } catch (error) {
    throw invalid(path, `it is not JSON (${messageOf(error)})`, error)
  }
  if (!PLAN.fits(plan)) throw invalid(path, PLAN.mismatchOf(plan) ?? '')
  const { mode, ruleSetHash = null, watches, dnsNames = true } = plan
  return { mode, ruleSetHash, watches: watches.map(watchOf), dnsNames }
}

function watchOf({
  topic,
  eventTypes,
  outcome = null,
  intents = null,
  paths = null,
  givenPaths = null,
  routes = null,
}: Shaped<typeof WATCH>): PlannedWatch {
  return { topic, eventTypes, outcome, intents, paths: patternsOf(paths), givenPaths: patternsOf(givenPaths), routes }
}

function patternsOf(patterns: readonly Shaped<typeof PATTERN>[] | null): PathPattern[] | null {
  return patterns?.map(({ kind, text, ignoresCase }) => (ignoresCase === true ? { kind, text, ignoresCase } : { kind, text })) ?? null
}

function invalid(path: string, why: string, cause?: unknown): WatchPlanError {
  return new WatchPlanError(`${path} is not a watch plan: ${why}`, { cause, details: { path } })
}
