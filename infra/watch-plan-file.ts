// Reads a watch plan that somebody wrote: parsed once, and refused with one sentence when it is none.
import { readFileSync, statSync } from 'node:fs'
import { EunomiaError, messageOf } from './errors.js'
import { WATCH_PLAN_VERSION, type Watch, type WatchPlan, type WatchTopic } from './watch-plan.js'

/** A file that is no plan, or one of another version. */
export class WatchPlanError extends EunomiaError {
  static override readonly code = 'EUNOMIA_WATCH_PLAN'
  static override readonly isUserMistake = true
}

/** The part of a plan that chooses kinds of events. */
export interface PlannedTypes extends Pick<WatchPlan, 'mode' | 'ruleSetHash'> {
  readonly watches: readonly Pick<Watch, 'topic' | 'eventTypes'>[]
}

const MAX_PLAN_BYTES = 16 << 20
const TOPICS: readonly WatchTopic[] = ['process', 'file', 'network', 'kernel']

/** @throws WatchPlanError naming the file and what was expected */
export function readWatchPlan(path: string): PlannedTypes {
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
export function parseWatchPlan(text: string, path: string): PlannedTypes {
  let plan: unknown
  try {
    plan = JSON.parse(text)
  } catch (error) {
    throw invalid(path, `it is no JSON (${messageOf(error)})`, error)
  }
  if (!isObject(plan)) throw invalid(path, 'an object was expected')
  const { version, mode, ruleSetHash, watches } = plan
  if (version !== WATCH_PLAN_VERSION) throw invalid(path, `version ${String(WATCH_PLAN_VERSION)} was expected`)
  if (mode !== 'detect' && mode !== 'forensic') throw invalid(path, 'mode is neither detect nor forensic')
  if (!Array.isArray(watches)) throw invalid(path, 'watches is no list')
  return {
    mode,
    ruleSetHash: typeof ruleSetHash === 'string' ? ruleSetHash : null,
    watches: watches.map((watch: unknown, index) => parseWatch(watch, `watches[${String(index)}]`, path)),
  }
}

function parseWatch(watch: unknown, place: string, path: string): PlannedTypes['watches'][number] {
  const { topic, eventTypes } = isObject(watch) ? watch : {}
  const known = TOPICS.find((one) => one === topic)
  if (known === undefined) throw invalid(path, `${place}.topic is none of ${TOPICS.join(', ')}`)
  if (!Array.isArray(eventTypes)) throw invalid(path, `${place}.eventTypes is no list`)
  const types = eventTypes.filter((type) => typeof type === 'string')
  if (types.length !== eventTypes.length) throw invalid(path, `${place}.eventTypes holds something that is no text`)
  return { topic: known, eventTypes: types }
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function invalid(path: string, why: string, cause?: unknown): WatchPlanError {
  return new WatchPlanError(`${path} is no watch plan: ${why}`, { cause, details: { path } })
}
