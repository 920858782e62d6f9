// Records that a person writes for a test, or copies from `collect --output json`: only what matters need be there, the rest is blank.
// Read strictly: a misspelt name would make a test pass for the wrong reason.
import { nearestName } from '../../../../infra/text/nearest.js'
import { RULE_TOPICS } from '../../fields/judged-event.js'
import { RECORD_KINDS } from '../../../../schemas/generated/calls.js'
import type { ContainerKnowledge, JudgedEvent, RuleRecord, RuleTopic } from '../../fields/judged-event.js'
import type { ContainerFacts } from '../../../../schemas/generated/types.js'
import { RecordJsonError, recordFromJson } from '../../../../schemas/record-json.js'
import { currentSchemas } from '../../../../schemas/schema-set.js'
import type { TopicRecords } from '../../../../schemas/topics.js'
import { branchName } from '../../../../schemas/tree/schema-model.js'
import type { AvroSchema, RecordSchema } from '../../../../schemas/tree/schema-model.js'

type Json = Readonly<Record<string, unknown>>
type Path = readonly string[]

/** Id of a container whose facts are given without one. */
const STAND_IN_ID = '0'.repeat(64)

/** Does a given object look like a record? Its topic says so, and no field of a map is called like a part of a record. */
export function isGivenRecord(value: Json): boolean {
  const { topic } = value
  return typeof topic === 'string' && RULE_TOPICS.some((known) => known === topic) && !Object.keys(value).some((key) => key.includes('.'))
}

/** Is a given object what `collect --output json` prints of a container? It is no event: it tells the facts of one. */
export function isContainerLine({ topic, containerId }: Json): boolean {
  return topic === 'container' && typeof containerId === 'string'
}

/** Makes records out of given objects; reads the schemas once, and keeps the facts of containers that it was told. */
export class GivenRecords {
  readonly #facts = new Map<string, ContainerFacts>()
  #schemas: ReturnType<typeof currentSchemas> | null = null

  /** Keeps the facts of a container for its records. @throws RecordJsonError that names the part that does not fit */
  learn({ topic: _, ...parts }: Json): void {
    const schema = this.#schema('container')
    const { containerId, facts } = recordFromJson(schema, completed(schema, parts, [])) as TopicRecords['container']
    if (facts !== null) this.#facts.set(containerId, facts)
  }

  /**
   * @param value `{topic, container?, ...parts of the record}`; container: `host`, `unknown`, `absent`, or its facts; without it what was
   *   learnt of the container, else unknown. Facts without an id of a container are those of one with a stand-in id; without a type it is
   *   the one that makes the system call
   * @throws RecordJsonError that names the part that does not fit, and the nearest name
   */
  read({ topic, container, ...parts }: Json): JudgedEvent {
    const event = this.#event(topic, isJson(container) ? withContainerId(parts) : parts)
    const { containerId } = event.record.process
    return { event, container: this.#knowledge(container, containerId) }
  }

  #event(topic: unknown, parts: Json): RuleRecord {
    switch (topic) {
      case 'process':
      case 'file':
      case 'network':
      case 'kernel':
        return { topic, record: this.#record(topic, parts) } as RuleRecord
      default:
        throw new RecordJsonError(`topic: expected ${RULE_TOPICS.join(', ')}`)
    }
  }

  #record<Topic extends RuleTopic>(topic: Topic, parts: Json): TopicRecords[Topic] {
    const schema = this.#schema(topic)
    return recordFromJson(schema, completed(schema, withType(topic, parts), [])) as TopicRecords[Topic]
  }

  #schema(topic: keyof TopicRecords): RecordSchema {
    this.#schemas ??= currentSchemas()
    const found = this.#schemas.get(topic)
    if (found === undefined) throw new RecordJsonError(`topic: ${topic} has no schema`)
    return found.schema
  }

  #knowledge(given: unknown, containerId: string | null): ContainerKnowledge {
    if (given === undefined) return this.#toldOf(containerId)
    if (given === 'host') return { state: 'host' }
    if (given === 'unknown') return { state: 'unknown', containerId }
    if (given === 'absent') return { state: 'absent', containerId, isClaimRefuted: false }
    if (!isJson(given)) throw new RecordJsonError('container: expected host, unknown, absent, or the facts of the container')
    if (containerId === null) throw new RecordJsonError('container: has facts, but process.containerId says that there is none')
    const facts = this.#schema('container').fields.find(({ name }) => name === 'facts')
    const schema = facts === undefined ? undefined : notNull(facts.type)
    if (schema?.kind !== 'record') throw new RecordJsonError('container: facts have no schema')
    const complete = recordFromJson(schema, completed(schema, given, ['container']))
    return { state: 'known', containerId, facts: complete as ContainerFacts }
  }

  #toldOf(containerId: string | null): ContainerKnowledge {
    if (containerId === null) return { state: 'host' }
    const facts = this.#facts.get(containerId)
    return facts === undefined ? { state: 'unknown', containerId } : { state: 'known', containerId, facts }
  }
}

/** A record says in `type` what was done, in `syscall` by which call: the second tells the first. */
function withType(topic: RuleTopic, parts: Json): Json {
  const { type, syscall } = parts
  if (type !== undefined || typeof syscall !== 'string') return parts
  const [kind] = Object.entries(RECORD_KINDS[topic]).find(([, calls]) => calls.includes(syscall)) ?? []
  return kind === undefined ? parts : { ...parts, type: kind }
}

function withContainerId(parts: Json): Json {
  const { process = {} } = parts
  return isJson(process) && process['containerId'] === undefined ? { ...parts, process: { ...process, containerId: STAND_IN_ID } } : parts
}

/** The given parts with blanks for what is not there. @throws RecordJsonError for a name that the schema does not have */
function completed(schema: RecordSchema, given: Json, path: Path): Json {
  const names = schema.fields.map(({ name }) => name)
  for (const key of Object.keys(given)) {
    if (names.includes(key)) continue
    const near = nearestName(key, names)
    throw new RecordJsonError(`${[...path, key].join('.')}: no such part${near === undefined ? '' : ` (did you mean '${near}'?)`}`)
  }
  const complete = schema.fields.map(({ name, type, default: preset }): [string, unknown] => {
    if (Object.hasOwn(given, name)) return [name, completedValue(type, given[name], [...path, name])]
    return [name, preset === undefined ? blank(type) : preset]
  })
  return Object.fromEntries(complete)
}

function completedValue(schema: AvroSchema, given: unknown, path: Path): unknown {
  if (schema.kind === 'union') {
    const inner = notNull(schema)
    return given === null || inner === undefined ? given : completedValue(inner, given, path)
  }
  if (schema.kind === 'record' && isJson(given)) return completed(schema, given, path)
  if (schema.kind === 'array' && Array.isArray(given))
    return given.map((item: unknown, at) => completedValue(schema.items, item, [...path, String(at)]))
  if (schema.kind === 'enum' && (typeof given !== 'string' || !schema.symbols.includes(given))) {
    const near = nearestName(String(given), schema.symbols)
    throw new RecordJsonError(
      `${path.join('.')}: '${String(given)}' is none of its names${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
    )
  }
  return given
}

function blank(schema: AvroSchema): unknown {
  switch (schema.kind) {
    case 'record':
      return Object.fromEntries(schema.fields.map(({ name, type, default: preset }) => [name, preset === undefined ? blank(type) : preset]))
    case 'enum':
      return schema.default ?? schema.symbols[0]
    case 'fixed':
      return Buffer.alloc(schema.size).toString('base64')
    case 'array':
      return []
    case 'map':
      return {}
    case 'union':
      return schema.branches.some((branch) => branchName(branch) === 'null')
        ? null
        : schema.branches[0] === undefined
          ? null
          : blank(schema.branches[0])
    case 'primitive':
      return BLANKS[schema.name] ?? null
  }
}

const BLANKS: Readonly<Record<string, unknown>> = { boolean: false, int: 0, long: 0, float: 0, double: 0, bytes: '', string: '' }

function notNull(schema: AvroSchema): AvroSchema | undefined {
  return schema.kind === 'union' ? schema.branches.find((branch) => branchName(branch) !== 'null') : schema
}

function isJson(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
