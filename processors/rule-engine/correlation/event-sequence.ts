// Correlations of events that are given as a list: by `rules eval` and by tests of rules. Each event is told with the rules that hold for it; the
// end of the list ends all windows.
import { observationsAbove } from './correlation-alert.js'
import { emptyWindow, compareObservations, correlationKey, groupKey, observationOf } from './group-window.js'
import { judgeWindow } from './judge-window.js'
import type { Firing, JudgeLosses } from './judge-window.js'
import type { Observation } from './group-window.js'
import type { FieldMap } from '../evaluate/field-map.js'
import type { FieldSource } from '../fields/field-source.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { readTap } from '../rule-set/tap.js'

/** Takes a list of events one by one, then tells which correlations fired. */
export class EventSequence {
  readonly #observations: Observation<number>[] = []
  #index = -1
  #timeUs = 0

  /** Moves to the next event. @param timeUs when it was, Unix microseconds; null when it does not say: at the time of the event before it, behind it */
  next(timeUs: number | null): void {
    this.#index++
    this.#timeUs = timeUs ?? this.#timeUs
  }

  /** The current event matched the rule. */
  matched({ feeds }: Pick<CompiledRule, 'feeds'>, source: FieldSource): void {
    if (feeds === undefined) return
    const moment = { timeUs: this.#timeUs, tie: this.#index, id: String(this.#index) }
    for (const tap of feeds.taps) this.#observations.push(observationOf(readTap(tap, source), moment, this.#index))
  }

  /** What fired and speaks for itself, in order of time. The evidence is the index of the event that completed it. */
  firings(): Firing<number>[] {
    return correlateSequence(this.#observations).filter(({ correlation }) => !correlation.isSilent)
  }
}

// Correlates a list of observations that is whole: tests of rules, and events that are judged at once. No store, no clock: the end of the list
// ends every window.

const NO_LOSSES: JudgeLosses = { onFull: () => undefined, onUnjudged: () => undefined }

/** @returns what fired, in order of time */
export function correlateSequence<Evidence>(observations: readonly Observation<Evidence>[]): Firing<Evidence>[] {
  const all: Firing<Evidence>[] = []
  let waiting = [...observations]
  while (waiting.length > 0) {
    // A correlation is judged when all that feed it are.
    const depth = Math.min(...waiting.map(({ correlation }) => correlation.depth))
    const due = waiting.filter(({ correlation }) => correlation.depth === depth)
    const firings = [...groupsOf(due)].flatMap(judgeGroup)
    all.push(...firings)
    waiting = [...waiting.filter(({ correlation }) => correlation.depth > depth), ...firings.flatMap(observationsAbove)]
  }
  return all.sort((a, b) => a.atUs - b.atUs || compareObservations(a.completing, b.completing) || a.correlation.depth - b.correlation.depth)
}

interface Group<Evidence> {
  readonly correlation: CompiledCorrelation
  readonly observations: Observation<Evidence>[]
}

function groupsOf<Evidence>(observations: readonly Observation<Evidence>[]): Iterable<Group<Evidence>> {
  const groups = new Map<string, Group<Evidence>>()
  for (const observation of observations) {
    const key = `${correlationKey(observation.correlation)}${groupKey(observation.group)}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { correlation: observation.correlation, observations: [observation] })
    else group.observations.push(observation)
  }
  return groups.values()
}

function judgeGroup<Evidence>({ correlation, observations }: Group<Evidence>): Firing<Evidence>[] {
  return judgeWindow(emptyWindow(), correlation, observations.sort(compareObservations), Infinity, NO_LOSSES)
}

// When an event was that is given as a map of fields: by the names that logs have for it.

/** In this order, the first that is a time counts. */
const TIME_FIELDS = ['timestamp', '@timestamp', 'UtcTime', 'EventTime', 'TimeCreated', 'SystemTime', '_time', 'time', 'evt.rawtime']

/** Unix microseconds; null when no field says it. */
export function timeOfFields(map: FieldMap): number | null {
  for (const name of TIME_FIELDS) {
    const given = Object.hasOwn(map, name) ? map[name] : undefined
    const timeUs = typeof given === 'number' ? ofNumber(given) : typeof given === 'string' ? ofText(given.trim()) : null
    if (timeUs !== null) return timeUs
  }
  return null
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: told apart by size, for times from 1973 on. */
function ofNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null
  if (value >= 1e17) return Math.round(value / 1e3)
  if (value >= 1e14) return Math.round(value)
  return Math.round(value >= 1e11 ? value * 1e3 : value * 1e6)
}

/** A number, or a date as ISO 8601 or Sysmon writes it. Without a zone it is UTC. */
function ofText(text: string): number | null {
  if (/^[0-9]{1,19}(?:\.[0-9]{1,9})?$/.test(text)) return ofNumber(Number(text))
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9}))?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?$/i.exec(text)
  if (match === null) return null
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
