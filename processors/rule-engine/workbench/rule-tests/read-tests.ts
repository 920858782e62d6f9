// Finds and reads the test files next to rules: NAME.test.yaml. Values are read strictly: with a misspelled key, a test would pass for the
// wrong reason.
import { isObject } from '../../../../infra/process/json-lines.js'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { messageOf, UsageError } from '../../../../infra/process/errors.js'
import type { RuleSuite, Scenario, ExpectedAlert, ExpectedVerdict, RuleCase, ScenarioAlert, ScenarioEvent, RuleTests } from './rule-test.js'
import { readRuleFile } from '../../load/rule-files.js'
import { yamlExcess } from '../../read/yaml-bounds.js'
import type { FieldMap } from '../../evaluate/field-map.js'
import { RecordJsonError } from '../../../../schemas/record-json.js'
import type { GivenEvent } from '../given-events/given-event.js'
import { GivenRecords } from '../given-events/given-record.js'
import { nearestName } from '../../../../infra/text/nearest.js'

export type { RuleCase, RuleSuite } from './rule-test.js'

const TEST_FILE = /\.test\.ya?ml$/
/** Maximum size of a test file. */
const MAX_BYTES = 16 * 1024 * 1024
const MAX_DEPTH = 32

/** Test files below the paths, ordered bytewise by name. For a rule file, its own test file if there is one. */
export function findTestFiles(paths: readonly string[]): string[] {
  return [...new Set(paths.flatMap((path) => (statSync(path).isDirectory() ? walk(path, 0) : testsOf(path))))]
}

function testsOf(path: string): string[] {
  if (TEST_FILE.test(path)) return [path]
  const stem = path.replace(/\.ya?ml$/, '')
  return [`${stem}.test.yaml`, `${stem}.test.yml`].filter((file) => statSync(file, { throwIfNoEntry: false })?.isFile() === true)
}

function walk(folder: string, depth: number): string[] {
  if (depth > MAX_DEPTH) return []
  const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)))
  return entries.flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) return []
    if (entry.isDirectory()) return walk(path, depth + 1)
    return TEST_FILE.test(entry.name) ? [path] : []
  })
}

/** @throws UsageError that names the file, the place in it, and what was expected */
export function readTests(file: string): RuleTests {
  const place = new TestPlace(file)
  const suites: RuleSuite[] = []
  const scenarios: Scenario[] = []
  const reader = new SuiteReader()
  const content = contentOf(file) ?? []
  if (!Array.isArray(content)) place.fail('expected a list of {rule, base, fires, evasions, silent} and {scenario, events, alerts}')
  for (const [index, item] of (content as unknown[]).entries()) {
    const at = place.at(`item ${String(index + 1)}`)
    const map = at.map(item)
    if ('scenario' in map) scenarios.push(reader.scenario(map, at))
    else if ('rule' in map) suites.push(reader.suite(map, at))
    else at.fail("expected 'rule' or 'scenario'")
  }
  return { suites, scenarios }
}

function contentOf(file: string): unknown {
  try {
    const read = readRuleFile(file, MAX_BYTES)
    if ('problem' in read) throw new UsageError(`${file}: ${read.problem}`)
    const excess = yamlExcess(read.text)
    if (excess !== null) throw new UsageError(`${file}: ${excess.problem}`)
    return parse(read.text, { maxAliasCount: 100 }) as unknown
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file}: ${messageOf(error).split('\n')[0] ?? ''}`)
  }
}

const EVENT_KEYS = ['with', 'record', 'unknown']
const ALERT_KEYS = ['priority', 'output', 'contains', 'fields']
const SUITE_KEYS = ['rule', 'base', 'record', 'fires', 'evasions', 'silent', 'waits']
const CASE_KEYS = ['name', ...EVENT_KEYS, ...ALERT_KEYS]
const SCENARIO_KEYS = ['scenario', 'matching', 'rules', 'base', 'record', 'events', 'alerts']
/** Maximum events of a scenario, including repetitions. */
const MAX_EVENTS = 100_000

/** What the events of a suite have in common. */
interface Base {
  readonly fields: FieldMap
  readonly record: Json | null
}

/** Reads suites and scenarios. It reads the record schemas once. */
class SuiteReader {
  readonly #records = new GivenRecords()

  suite(given: Json, place: TestPlace): RuleSuite {
    const rule = place.at('rule').text(given['rule'])
    const at = place.at(rule)
    at.map(given, SUITE_KEYS)
    const base = baseOf(given, at)
    const cases = (['fires', 'evasions', 'silent', 'waits'] as const).flatMap((kind) =>
      at
        .at(kind)
        .list(given[kind] ?? [])
        .map((one, index) => this.#case(one, kind, base, at.at(`${kind} ${String(index + 1)}`))),
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

  #case(given: unknown, kind: ExpectedVerdict | 'evasions', base: Base, place: TestPlace): RuleCase {
    const expected = kind === 'evasions' ? 'fires' : kind
    const one = place.map(given, CASE_KEYS)
    const name = place.at('name').text(one['name'])
    const alert = expectedAlert(one, place)
    if (expected !== 'fires' && ALERT_KEYS.some((key) => one[key] !== undefined)) place.fail(`a ${expected} case has no alert to check`)
    return { name, expected, mustFire: expected === 'fires', isEvasion: kind === 'evasions', event: this.#event(one, base, place), alert }
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
          "an event is a record or a map of fields: 'with', 'base' and 'unknown' are for fields; for a record, use `container: unknown`",
        )
      const record = merged(base.record ?? {}, place.at('record').map(one['record'] ?? {}))
      try {
        return { kind: 'record', ruleEvent: this.#records.read(record) }
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

/** Merges the parts of a record over those of another. */
function merged(below: Json, above: Json): Json {
  const entries = Object.entries(above).map(([key, value]): [string, unknown] => {
    const under = Object.hasOwn(below, key) ? below[key] : undefined
    return [key, isObject(under) && isObject(value) ? merged(under, value) : value]
  })
  return Object.fromEntries([...Object.entries(below), ...entries])
}

/** An unchecked mapping of a test file. */
export type Json = Readonly<Record<string, unknown>>

/** A place in a test file, for messages: `FILE: RULE: fires 2`. */
class TestPlace {
  readonly file: string
  readonly #parts: readonly string[]

  constructor(file: string, parts: readonly string[] = []) {
    this.file = file
    this.#parts = parts
  }
  at(part: string): TestPlace {
    return new TestPlace(this.file, [...this.#parts, part])
  }
  fail(message: string): never {
    throw new UsageError([this.file, ...this.#parts, message].join(': '))
  }

  /** @throws UsageError for a value that is no mapping, or has a key that is not in `known` */
  map(value: unknown, known: readonly string[] | null = null): Json {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return this.fail('expected a mapping')
    const map = value as Json
    for (const key of known === null ? [] : Object.keys(map)) {
      if (known === null || known.includes(key)) continue
      const near = nearestName(key, known)
      this.fail(`unknown key '${key}'${near === undefined ? `: expected ${known.join(', ')}` : `; did you mean '${near}'?`}`)
    }
    return map
  }
  list(value: unknown): readonly unknown[] {
    return Array.isArray(value) ? (value as unknown[]) : this.fail('expected a list')
  }
  text(value: unknown): string {
    return typeof value === 'string' && value !== '' ? value : this.fail('expected a text')
  }
  /** One text or several. */
  texts(value: unknown): readonly string[] {
    return Array.isArray(value) ? (value as unknown[]).map((one) => this.text(one)) : [this.text(value)]
  }
  whole(value: unknown, least: number, most: number): number {
    if (typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most) return value
    return this.fail(`expected a whole number from ${String(least)} to ${String(most)}`)
  }
  /** `90`, `1.5s`, `2m`, as microseconds. */
  span(value: unknown): number {
    const [, number = '', unit = 's'] = /^([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|s|m|h|d)?$/.exec(String(value)) ?? []
    return number === '' ? this.fail('expected a time as 30s, 5m, 2h') : Math.round(Number(number) * (UNITS[unit] ?? 1e6))
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6, d: 86_400e6 }
