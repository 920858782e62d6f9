// Parsed content of a test file to suites and scenarios.
import type { FieldMap } from '../../evaluate/field-map.js'
import { RecordJsonError } from '../../../../schemas/record-json.js'
import type { GivenEvent } from '../given-events/given-event.js'
import { GivenRecords } from '../given-events/given-record.js'
import type { ExpectedAlert, ExpectedVerdict, RuleCase, RuleSuite, Scenario, ScenarioAlert, ScenarioEvent } from './test-suite.js'
import type { Json, TestPlace } from './test-values.js'

const EVENT_KEYS = ['with', 'record', 'unknown']
const ALERT_KEYS = ['priority', 'output', 'contains', 'fields']
const SUITE_KEYS = ['rule', 'base', 'record', 'fires', 'silent', 'waits']
const CASE_KEYS = ['name', ...EVENT_KEYS, ...ALERT_KEYS]
const SCENARIO_KEYS = ['scenario', 'matching', 'rules', 'base', 'record', 'events', 'alerts']
/** Most events of a scenario, repeated ones counted. */
const MAX_EVENTS = 100_000

/** What events of a suite have in common. */
interface Base {
  readonly fields: FieldMap
  readonly record: Json | null
}

/** Reads suites; the schemas of records are read once. */
export class SuiteReader {
  readonly #records = new GivenRecords()

  suite(given: Json, place: TestPlace): RuleSuite {
    const rule = place.at('rule').text(given['rule'])
    const at = place.at(rule)
    at.map(given, SUITE_KEYS)
    const base = baseOf(given, at)
    const cases = (['fires', 'silent', 'waits'] as const).flatMap((expected) =>
      at
        .at(expected)
        .list(given[expected] ?? [])
        .map((one, index) => this.#case(one, expected, base, at.at(`${expected} ${String(index + 1)}`))),
    )
    return { file: place.file, rule, cases }
  }

  scenario(given: Json, place: TestPlace): Scenario {
    const name = place.at('scenario').text(given['scenario'])
    const at = place.at(name)
    at.map(given, SCENARIO_KEYS)
    const base = baseOf(given, at)
    const { matching = 'all' } = given
    if (matching !== 'all' && matching !== 'first') at.at('matching').fail("expected 'all' or 'first'")
    const events = at
      .at('events')
      .list(given['events'])
      .flatMap((one, index) => this.#events(one, base, at.at(`event ${String(index + 1)}`)))
    if (events.length > MAX_EVENTS) at.fail(`more than ${String(MAX_EVENTS)} events`)
    const alerts = at
      .at('alerts')
      .list(given['alerts'])
      .map((one, index) => scenarioAlert(one, at.at(`alert ${String(index + 1)}`)))
    const rules = given['rules'] === undefined ? [] : at.at('rules').texts(given['rules'])
    return { file: place.file, name, matching: matching === 'first' ? 'first' : 'all', rules, events, alerts }
  }

  #case(given: unknown, expected: ExpectedVerdict, base: Base, place: TestPlace): RuleCase {
    const one = place.map(given, CASE_KEYS)
    const name = place.at('name').text(one['name'])
    const alert = expectedAlert(one, place)
    if (expected !== 'fires' && ALERT_KEYS.some((key) => one[key] !== undefined))
      place.fail(`a case that is ${expected} has no alert to look at`)
    return { name, expected, mustFire: expected === 'fires', event: this.#event(one, base, place), alert }
  }

  #events(given: unknown, base: Base, place: TestPlace): ScenarioEvent[] {
    const one = place.map(given, [...EVENT_KEYS, 'at', 'every', 'repeat'])
    const event = this.#event(one, base, place)
    const times = one['repeat'] === undefined ? 1 : place.at('repeat').whole(one['repeat'], 1, MAX_EVENTS)
    const everyUs = one['every'] === undefined ? 0 : place.at('every').span(one['every'])
    const atUs = one['at'] === undefined ? (everyUs === 0 ? null : 0) : place.at('at').span(one['at'])
    return Array.from({ length: times }, (_, index) => ({ event, atUs: atUs === null ? null : atUs + index * everyUs }))
  }

  #event(one: Json, base: Base, place: TestPlace): GivenEvent {
    if (base.record !== null || one['record'] !== undefined) {
      if (one['with'] !== undefined || one['unknown'] !== undefined || Object.keys(base.fields).length > 0)
        place.fail(
          "an event is a record or a map of fields: 'with', 'base' and 'unknown' are of fields; a record says `container: unknown`",
        )
      const record = merged(base.record ?? {}, place.at('record').map(one['record'] ?? {}))
      try {
        return { kind: 'record', judged: this.#records.read(record) }
      } catch (error) {
        if (error instanceof RecordJsonError) return place.at('record').fail(error.message)
        throw error
      }
    }
    const fields = { ...base.fields, ...place.at('with').map(one['with'] ?? {}) }
    return { kind: 'fields', fields, unknown: one['unknown'] === undefined ? [] : place.at('unknown').texts(one['unknown']) }
  }
}

function baseOf(given: Json, place: TestPlace): Base {
  return {
    fields: place.at('base').map(given['base'] ?? {}),
    record: given['record'] === undefined ? null : place.at('record').map(given['record']),
  }
}

function expectedAlert(given: Json, place: TestPlace): ExpectedAlert {
  const { priority, output, contains, fields } = given
  return {
    ...(priority === undefined ? {} : { priority: place.at('priority').text(priority) }),
    ...(output === undefined ? {} : { output: place.at('output').text(output) }),
    contains: contains === undefined ? [] : place.at('contains').texts(contains),
    fields: place.at('fields').map(fields ?? {}),
  }
}

function scenarioAlert(given: unknown, place: TestPlace): ScenarioAlert {
  const one = place.map(typeof given === 'string' ? { rule: given } : given, ['rule', 'event', 'times', ...ALERT_KEYS])
  return {
    rule: place.at('rule').text(one['rule']),
    event: one['event'] === undefined ? null : place.at('event').whole(one['event'], 1, MAX_EVENTS),
    times: one['times'] === undefined ? 1 : place.at('times').whole(one['times'], 1, MAX_EVENTS),
    ...expectedAlert(one, place),
  }
}

/** Parts of a record over those of another, one by one. */
function merged(below: Json, above: Json): Json {
  const entries = Object.entries(above).map(([key, value]): [string, unknown] => {
    const under = Object.hasOwn(below, key) ? below[key] : undefined
    return [key, isMap(under) && isMap(value) ? merged(under, value) : value]
  })
  return Object.fromEntries([...Object.entries(below), ...entries])
}

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
