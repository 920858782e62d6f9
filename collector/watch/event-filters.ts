// The filters that a person sets: which processes, users, containers, ports and outcomes are told. From settings, flags and the control API, all in
// one form, parsed here once. Forks, execs, exits and cgroups are told in any case: who did something, and where, is known from them.
import { EunomiaError } from '../../infra/process/errors.js'
import { nearestName } from '../../infra/text/nearest.js'

/** A filter that can't be read; the message says what was expected. */
export class EventFilterError extends EunomiaError {
  static override readonly code = 'EUNOMIA_EVENT_FILTER'
  static override readonly isUserMistake = true
}

/** Values of the fields that filters know. */
export interface FilteredValues {
  /** Processes, by their number on the host. */
  readonly pid: readonly number[]
  /** Users, by their number on the host. */
  readonly uid: readonly number[]
  /** Ports at either end of a connection or flow. */
  readonly port: readonly number[]
  /** Containers by name, or by the first six or more digits of their id; `host` is what runs in none. */
  readonly container: readonly string[]
}

/** What is told: of each field in `only` its values and nothing else, of each in `except` all but its values. */
export interface EventFilters {
  readonly only: FilteredValues
  readonly except: FilteredValues
  readonly outcome: Outcome
}

/** Which results of calls are told. */
export type Outcome = (typeof OUTCOMES)[number]
export const OUTCOMES = ['all', 'succeeded', 'failed'] as const

/** Most values of all fields together: a person writes them, and a container has cgroups by the dozen. */
export const MAX_FILTERED_VALUES = 4096

const NO_VALUES: FilteredValues = { pid: [], uid: [], port: [], container: [] }

/** Nothing is left out. */
export const NO_EVENT_FILTERS: EventFilters = { only: NO_VALUES, except: NO_VALUES, outcome: 'all' }

const MAX_OF = { pid: 4_194_304, uid: 4_294_967_295, port: 65_535 } as const
const FIELDS = ['pid', 'uid', 'port', 'container'] as const
const MAX_NAME = 255

/** From texts of the form FIELD=VALUE, as settings and flags have them. @throws EventFilterError */
export function eventFiltersOf(only: readonly string[], except: readonly string[], outcome: Outcome): EventFilters {
  return bounded({ only: valuesOfTexts(only, 'only'), except: valuesOfTexts(except, 'except'), outcome })
}

/** From JSON of the control API; what is not there leaves nothing out. @throws EventFilterError */
export function parseEventFilters(json: unknown): EventFilters {
  const given = objectOf(json, 'the filters', ['only', 'except', 'outcome'])
  const { outcome = 'all' } = given
  const known = OUTCOMES.find((one) => one === outcome)
  if (known === undefined) throw refused(`outcome is none of ${OUTCOMES.join(', ')}`)
  return bounded({ only: valuesOfJson(given['only'], 'only'), except: valuesOfJson(given['except'], 'except'), outcome: known })
}

function bounded(filters: EventFilters): EventFilters {
  const values = [filters.only, filters.except].flatMap((one) => FIELDS.map((field) => one[field].length))
  const count = values.reduce((sum, length) => sum + length, 0)
  if (count > MAX_FILTERED_VALUES) throw refused(`${String(count)} values were given, ${String(MAX_FILTERED_VALUES)} are the most`)
  return filters
}

function valuesOfTexts(texts: readonly string[], place: string): FilteredValues {
  const pairs = texts.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw refused(`${place}: ${JSON.stringify(text)} is not of the form FIELD=VALUE, such as container=web`)
    return [fieldNamed(text.slice(0, at), place), text.slice(at + 1)] as const
  })
  const of = (field: (typeof FIELDS)[number]): string[] => pairs.flatMap(([name, value]) => (name === field ? value : []))
  return checked({ pid: of('pid'), uid: of('uid'), port: of('port'), container: of('container') }, place)
}

function valuesOfJson(json: unknown, place: string): FilteredValues {
  if (json === undefined) return NO_VALUES
  const given = objectOf(json, place, FIELDS)
  const of = (field: (typeof FIELDS)[number]): readonly unknown[] => {
    const list = given[field] ?? []
    if (!Array.isArray(list)) throw refused(`${place}.${field} is no list`)
    return list as readonly unknown[]
  }
  return checked({ pid: of('pid'), uid: of('uid'), port: of('port'), container: of('container') }, place)
}

function checked(given: Readonly<Record<(typeof FIELDS)[number], readonly unknown[]>>, place: string): FilteredValues {
  const numbers = (field: keyof typeof MAX_OF): number[] =>
    given[field].map((value) => numberOf(value, `${place}: ${field}`, MAX_OF[field]))
  return {
    pid: numbers('pid'),
    uid: numbers('uid'),
    port: numbers('port'),
    container: given.container.map((value) => nameOf(value, `${place}: container`)),
  }
}

function numberOf(value: unknown, place: string, max: number): number {
  const number = typeof value === 'string' && /^\d{1,10}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= max) return number
  throw refused(`${place} is a whole number from 0 to ${String(max)}, not ${JSON.stringify(value).slice(0, 100)}`)
}

function nameOf(value: unknown, place: string): string {
  if (typeof value === 'string' && value !== '' && value.length <= MAX_NAME) return value
  throw refused(`${place} is a name or id of 1 to ${String(MAX_NAME)} characters`)
}

function objectOf(json: unknown, place: string, keys: readonly string[]): Record<string, unknown> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refused(`${place} is no object`)
  for (const key of Object.keys(json)) if (!keys.includes(key)) throw refused(`${place}: ${unknownName(key, keys)}`)
  return json as Record<string, unknown>
}

function fieldNamed(name: string, place: string): (typeof FIELDS)[number] {
  const field = FIELDS.find((one) => one === name)
  if (field === undefined) throw refused(`${place}: ${unknownName(name, FIELDS)}`)
  return field
}

function unknownName(name: string, known: readonly string[]): string {
  const nearest = nearestName(name, known)
  const meant = nearest === undefined ? `there are ${known.join(', ')}` : `${nearest} was meant?`
  return `there is no ${JSON.stringify(name.slice(0, 100))}; ${meant}`
}

const refused = (why: string): EventFilterError => new EventFilterError(`filters can't be read: ${why}`)
