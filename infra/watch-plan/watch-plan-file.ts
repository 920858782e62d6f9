// Reads a watch plan that somebody wrote: parsed once, and refused with one sentence when it is none.
import { readFileSync, statSync } from 'node:fs'
import { EunomiaError, messageOf } from '../process/errors.js'
import {
  WATCH_PLAN_VERSION,
  type OpenIntent,
  type PathPattern,
  type Watch,
  type WatchCaptures,
  type WatchPlan,
  type WatchTopic,
} from './watch-plan.js'

/** A file that is no plan, or one of another version. */
export class WatchPlanError extends EunomiaError {
  static override readonly code = 'EUNOMIA_WATCH_PLAN'
  static override readonly isUserMistake = true
}

/** What of a watch the probes can be told. */
export type PlannedWatch = Pick<Watch, 'topic' | 'eventTypes' | 'outcome' | 'intents' | 'paths' | 'givenPaths'>

/** The part of a plan that the probes can be told. */
export interface PlannedWatches extends Pick<WatchPlan, 'mode' | 'ruleSetHash'> {
  readonly watches: readonly PlannedWatch[]
  readonly captures: Pick<WatchCaptures, 'dnsNames'>
}

const MAX_PLAN_BYTES = 16 << 20
const TOPICS: readonly WatchTopic[] = ['process', 'file', 'network', 'kernel']
const OUTCOMES = ['succeeded', 'failed', null] as const
const INTENTS: readonly OpenIntent[] = ['read', 'write', 'created']
const PATTERN_KINDS: readonly PathPattern['kind'][] = ['path', 'prefix', 'suffix', 'part', 'name', 'glob']

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
    throw invalid(path, `it is no JSON (${messageOf(error)})`, error)
  }
  if (!isObject(plan)) throw invalid(path, 'an object was expected')
  const { version, mode, ruleSetHash, watches, captures } = plan
  if (version !== WATCH_PLAN_VERSION) throw invalid(path, `version ${String(WATCH_PLAN_VERSION)} was expected`)
  if (mode !== 'detect' && mode !== 'forensic') throw invalid(path, 'mode is neither detect nor forensic')
  if (!Array.isArray(watches)) throw invalid(path, 'watches is no list')
  return {
    mode,
    ruleSetHash: typeof ruleSetHash === 'string' ? ruleSetHash : null,
    watches: watches.map((watch: unknown, index) => parseWatch(watch, `watches[${String(index)}]`, path)),
    captures: { dnsNames: !(isObject(captures) && captures['dnsNames'] === false) },
  }
}

/** What is not there narrows nothing. */
function parseWatch(watch: unknown, place: string, path: string): PlannedWatch {
  const { topic, eventTypes, outcome = null, intents = null, paths = null, givenPaths = null } = isObject(watch) ? watch : {}
  const known = oneOf(TOPICS, topic, `${place}.topic`, path)
  const types = listOf(eventTypes, `${place}.eventTypes`, path, (type, at) => textOf(type, at, path))
  return {
    topic: known,
    eventTypes: types,
    outcome: oneOf(OUTCOMES, outcome, `${place}.outcome`, path),
    intents: intents === null ? null : listOf(intents, `${place}.intents`, path, (intent, at) => oneOf(INTENTS, intent, at, path)),
    paths: patternsOf(paths, `${place}.paths`, path),
    givenPaths: patternsOf(givenPaths, `${place}.givenPaths`, path),
  }
}

function patternsOf(patterns: unknown, place: string, path: string): PathPattern[] | null {
  return patterns === null ? null : listOf(patterns, place, path, (pattern, at) => patternOf(pattern, at, path))
}

function patternOf(pattern: unknown, place: string, path: string): PathPattern {
  const { kind, text, ignoresCase = false } = isObject(pattern) ? pattern : {}
  const exact = { kind: oneOf(PATTERN_KINDS, kind, `${place}.kind`, path), text: textOf(text, `${place}.text`, path) }
  return oneOf([true, false], ignoresCase, `${place}.ignoresCase`, path) ? { ...exact, ignoresCase: true } : exact
}

function listOf<Item>(list: unknown, place: string, path: string, parse: (item: unknown, place: string) => Item): Item[] {
  if (!Array.isArray(list)) throw invalid(path, `${place} is no list`)
  return list.map((item: unknown, index) => parse(item, `${place}[${String(index)}]`))
}

function oneOf<Item>(known: readonly Item[], given: unknown, place: string, path: string): Item {
  const found = known.find((one) => one === given)
  if (found === undefined) throw invalid(path, `${place} is none of ${known.map(String).join(', ')}`)
  return found
}

function textOf(given: unknown, place: string, path: string): string {
  if (typeof given === 'string') return given
  throw invalid(path, `${place} is no text`)
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function invalid(path: string, why: string, cause?: unknown): WatchPlanError {
  return new WatchPlanError(`${path} is no watch plan: ${why}`, { cause, details: { path } })
}
