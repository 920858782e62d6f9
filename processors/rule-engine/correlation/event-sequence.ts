// Correlates a list of events, for `rules eval` and rule tests. Each event comes with the rules that hold for it, and the end of the list ends all windows.
import { observationsAbove } from './correlation-alert.js'
import { emptyWindow, compareObservations, correlationKey, groupKey, observationOf, type Observation } from './group-window.js'
import { evaluateWindow, type Firing, type WindowLosses } from './evaluate-window.js'
import type { FieldMap } from '../evaluate/field-map.js'
import type { FieldSource } from '../fields/field-source.js'
import type { CompiledCorrelation } from '../rule-set/compiled-correlation.js'
import type { CompiledRule } from '../rule-set/compiled-rule.js'
import { readTap } from '../rule-set/tap.js'

/** Takes a list of events one by one, then returns the correlations that fired. */
export class EventSequence {
  readonly #observations: Observation<number>[] = []
  #index = -1
  #timeUs = 0

  /** Moves to the next event. @param timeUs its time, Unix microseconds; null if unknown: then directly after the event before it */
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

  /** The firings that emit alerts, in time order. The evidence is the index of the event that completed each. */
  firings(): Firing<number>[] {
    return correlateSequence(this.#observations).filter(({ correlation }) => !correlation.isSilent)
  }
}

const NO_LOSSES: WindowLosses = { onFull: () => undefined, onUnevaluated: () => undefined }

/** Correlates a complete list of observations, without store or clock: the end of the list ends all windows. @returns the firings in time order */
export function correlateSequence<Evidence>(observations: readonly Observation<Evidence>[]): Firing<Evidence>[] {
  const all: Firing<Evidence>[] = []
  let waiting = [...observations]
  while (waiting.length > 0) {
    // A correlation is evaluated after all that feed it.
    const depth = Math.min(...waiting.map(({ correlation }) => correlation.depth))
    const due = waiting.filter(({ correlation }) => correlation.depth === depth)
    const firings = [...groupsOf(due)].flatMap(evaluateGroup)
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

function evaluateGroup<Evidence>({ correlation, observations }: Group<Evidence>): Firing<Evidence>[] {
  return evaluateWindow(emptyWindow(), correlation, observations.sort(compareObservations), Infinity, NO_LOSSES)
}

/** Fields with the time of an event, in the names of various logs. The first one that is a time counts. */
const TIME_FIELDS = ['timestamp', '@timestamp', 'UtcTime', 'EventTime', 'TimeCreated', 'SystemTime', '_time', 'time', 'evt.rawtime']

/** Time of an event that is a map of fields, Unix microseconds; null if no field has it. */
export function timeOfFields(map: FieldMap): number | null {
  for (const name of TIME_FIELDS) {
    const given = Object.hasOwn(map, name) ? map[name] : undefined
    const timeUs = typeof given === 'number' ? ofNumber(given) : typeof given === 'string' ? ofText(given.trim()) : null
    if (timeUs !== null) return timeUs
  }
  return null
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970: distinguished by size, for times after 1973. */
function ofNumber(value: number): number | null {
  if (!Number.isFinite(value) || value < 0) return null
  if (value >= 1e17) return Math.round(value / 1e3)
  if (value >= 1e14) return Math.round(value)
  return Math.round(value >= 1e11 ? value * 1e3 : value * 1e6)
}

/** A number, or a date in the form of ISO 8601 or Sysmon. Without a zone it is UTC. */
function ofText(text: string): number | null {
  if (/^[0-9]{1,19}(?:\.[0-9]{1,9})?$/.test(text)) return ofNumber(Number(text))
  const match =
    /^([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)(?:[.,]([0-9]{1,9}))?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?$/i.exec(text)
  if (match === null) return null
  const [, date = '', time = '', fraction = '', zone = 'Z'] = match
  const ms = Date.parse(`${date}T${time}${zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone}`)
  return Number.isNaN(ms) ? null : ms * 1000 + Number(fraction.padEnd(6, '0').slice(0, 6))
}
