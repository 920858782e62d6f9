// The declared sources and events of each field match what its extractor really reads.
import assert from 'node:assert/strict'
import fc from 'fast-check'
import { argumentDescriptions } from '../../../../../processors/rule-engine/fields/arguments/argument-value.js'
import { FIELD_GROUPS, resolveField } from '../../../../../processors/rule-engine/fields/catalogue.js'
import type { FieldArgument, FieldDefinition } from '../../../../../processors/rule-engine/fields/field.js'
import type { RuleEvent } from '../../../../../processors/rule-engine/fields/rule-event.js'
import { RECORD_OF_TOPIC } from '../../../../../schemas/topics.js'
import {
  ALL_KINDS,
  arbitraryEvent,
  arbitraryKnowledge,
  recordSchema,
  type RecordKind,
} from '../../../../support/records/arbitrary-event.js'
import { notedValue } from '../../../../support/records/noted-record.js'

const ALL = FIELD_GROUPS.flatMap(([, fields]) => fields)
const SEED = 20_260_201
/** A copied descriptor may be anything, so its kind takes more events to see all that it has. */
const runsOf = ({ type }: RecordKind): number => (type === 'dup' ? 250 : 40)
/** Every event has these, and every text its exact bytes next to it: no field declares them. */
const EVERYWHERE = /^(ProcessEvent|FileEvent|NetworkEvent|KernelEvent)\.(process|origin|raw)$/

/** Arguments to try a field with on events of a type. */
function argumentsFor({ name, argument }: FieldDefinition, eventType: string): readonly FieldArgument[] {
  if (name === 'evt.arg' || name === 'evt.rawarg') return [...(ARGUMENT_NAMES.get(eventType) ?? []), 'nothing', 0, 40]
  if (argument === 'none') return [null]
  if (argument === 'index') return [null, 0, 1, 2, 3, 40]
  if (argument === 'key') return [null, 'HOME', '', '__proto__']
  return ['__proto__', 'openat', 'app', '*', 0]
}

const ARGUMENT_NAMES = new Map<string, string[]>()
for (const { eventType, name } of argumentDescriptions()) ARGUMENT_NAMES.set(eventType, [...(ARGUMENT_NAMES.get(eventType) ?? []), name])

interface Observed {
  readonly reads: ReadonlySet<string>
  readonly hasValue: boolean
}

/** What the id of a container was found by, of the record. */
const ID_SOURCES = ['Process.containerId', 'Process.containerClaim', 'Process.isContainerUnknown']

function notedKnowledge(container: RuleEvent['container'], note: (name: string) => void): RuleEvent['container'] {
  const known =
    container.state === 'known' ? { ...container, facts: notedValue(recordSchema('ContainerFacts'), container.facts, note) } : container
  return new Proxy(known, {
    get(target, key) {
      if (key === 'containerId') ID_SOURCES.forEach(note)
      return Reflect.get(target, key) as unknown
    },
  })
}

/** An event that notes what extractors read of it. */
class NotedEvent {
  readonly #ruleEvent: RuleEvent
  #reads = new Set<string>()

  constructor({ event, container }: RuleEvent) {
    const note = (name: string): void => {
      if (!EVERYWHERE.test(name)) this.#reads.add(name)
    }
    const record = notedValue(recordSchema(RECORD_OF_TOPIC[event.topic]), event.record, note)
    this.#ruleEvent = {
      event: { ...event, record } as RuleEvent['event'],
      container: notedKnowledge(container, note),
    }
  }

  /** What an extractor reads, and whether it gives a value. */
  observe({ extract }: FieldDefinition, argument: FieldArgument): Observed {
    this.#reads = new Set()
    const value = extract?.(this.#ruleEvent, argument)
    return { reads: this.#reads, hasValue: value !== undefined && typeof value !== 'symbol' }
  }
}

/** Calls `look` with many events of a kind. */
function forEvents(kind: RecordKind, look: (event: NotedEvent) => void): void {
  for (const isLifelike of [false, true]) {
    fc.assert(
      fc.property(arbitraryEvent(kind, isLifelike), arbitraryKnowledge, (event, container) => look(new NotedEvent({ event, container }))),
      { seed: SEED + ALL_KINDS.indexOf(kind), numRuns: isLifelike ? runsOf(kind) : 8 },
    )
  }
}

describe('what the catalogue declares of its fields', () => {
  it('names as sources only fields of records that are in the schemas', () => {
    const sources = [...ALL.flatMap(({ source }) => source), ...argumentDescriptions().flatMap(({ source }) => source)]
    for (const source of new Set(sources)) {
      const [record = '', name] = source.split('.')
      assert.ok(
        recordSchema(record).fields.some((field) => field.name === name),
        source,
      )
    }
  })

  it('has a source for every field that is read, but for constants', () => {
    const without = ALL.filter(({ extract, source }) => extract !== null && source.length === 0).map(({ name }) => name)
    assert.deepEqual(without, [
      'evt.dir',
      'evt.source',
      'evt.is_async',
      'evt.asynctype',
      'evt.pluginname',
      'evt.plugininfo',
      'evt.is_wait',
      'evt.count',
      'evt.count.exit',
      'evt.count.procinfo',
      'evt.count.threadinfo',
      'evt.latency',
      'evt.latency.s',
      'evt.latency.ns',
      'evt.latency.quantized',
      'evt.latency.human',
      'evt.wait_latency',
    ])
  })

  it('names exactly the sources that an extractor reads, and the events that have a value', function () {
    this.timeout(60_000)
    const read = new Map<string, Set<string>>(ALL.map(({ name }) => [name, new Set()]))
    const kinds = new Map<string, Set<string>>(ALL.map(({ name }) => [name, new Set()]))
    for (const kind of ALL_KINDS) {
      // What does not look at the system call is the same for all of a kind.
      const isFirst = ALL_KINDS.find(({ topic, type }) => topic === kind.topic && type === kind.type) === kind
      const fields = isFirst ? ALL : ALL.filter(({ source }) => source.some((name) => name.endsWith('.syscall')))
      forEvents(kind, (event) => {
        for (const field of fields) {
          for (const argument of argumentsFor(field, kind.eventType)) {
            const { reads, hasValue } = event.observe(field, argument)
            for (const name of reads) read.get(field.name)?.add(name)
            if (hasValue) kinds.get(field.name)?.add(`${kind.topic}.${kind.type}`)
          }
        }
      })
    }
    const wrong: string[] = []
    for (const { name, source, kinds: declared, extract } of ALL) {
      if (extract === null) continue
      wrong.push(...differences(`${name}: source`, source, read.get(name) ?? new Set()))
      wrong.push(...differences(`${name}: kind`, kindNames(declared), kinds.get(name) ?? new Set()))
    }
    assert.ok(wrong.length === 0, wrong.join('\n'))
  })
})

/** What is declared and not seen (-), and what is seen and not declared (+). */
function differences(what: string, declared: readonly string[], seen: ReadonlySet<string>): string[] {
  const both = new Set([...declared, ...seen])
  return [...both]
    .filter((name) => declared.includes(name) !== seen.has(name))
    .map((name) => `${what} ${seen.has(name) ? '+' : '-'}${name}`)
}

function kindNames(kinds: FieldDefinition['kinds']): string[] {
  const all = [...new Set(ALL_KINDS.map(({ topic, type }) => `${topic}.${type}`))]
  if (kinds === 'all') return all
  return all.filter((name) => {
    const [topic = '', type = ''] = name.split('.')
    const types = Object.hasOwn(kinds, topic) ? kinds[topic as keyof typeof kinds] : undefined
    return types === 'all' || types?.includes(type) === true
  })
}

describe('arguments of events', () => {
  it('have a type by their name, and are read from what they declare alone', function () {
    this.timeout(60_000)
    const argumentField = ALL.find(({ name }) => name === 'evt.arg') ?? assert.fail()
    for (const { eventType, name, source } of argumentDescriptions()) {
      assert.ok(!('problem' in resolveField(`evt.rawarg.${name}`, null)), name)
      const kind = ALL_KINDS.find((one) => one.eventType === eventType) ?? assert.fail(eventType)
      const head = new RegExp(`^${RECORD_OF_TOPIC[kind.topic]}\\.(type|syscall)$`)
      forEvents(kind, (event) => {
        const { reads } = event.observe(argumentField, name)
        for (const one of reads) assert.ok(head.test(one) || source.includes(one), `${eventType} ${name} reads ${one}`)
      })
    }
  })

  it('occur once in each event', () => {
    const names = argumentDescriptions().map(({ eventType, name }) => `${eventType}.${name}`)
    assert.equal(new Set(names).size, names.length)
  })
})
