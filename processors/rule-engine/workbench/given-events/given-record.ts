// Records that a person writes for a test, or copies from `collect --output json`. Only the relevant fields are required; the others are
// blank. Reading is strict: with a misspelled name, a test would pass for the wrong reason.
import { isObject } from '../../../../infra/process/json-lines.js'
import { nearestName } from '../../../../infra/text/nearest.js'
import { RULE_TOPICS, type ContainerKnowledge, type RuleEvent, type RuleRecord, type RuleTopic } from '../../fields/rule-event.js'
import { RECORD_KINDS } from '../../../../schemas/generated/calls.js'
import type { ContainerFacts, Process } from '../../../../schemas/generated/types.js'
import { RecordJsonError, recordFromJson } from '../../../../schemas/record-json.js'
import { currentSchemas } from '../../../../schemas/schema-set.js'
import type { TopicRecords } from '../../../../schemas/topics.js'
import { branchName, type AvroSchema, type RecordSchema } from '../../../../schemas/tree/schema-model.js'

type Json = Readonly<Record<string, unknown>>
type Path = readonly string[]

/** Id of a container whose facts are given without an id. */
const PLACEHOLDER_ID = '0'.repeat(64)

/** Whether an object is a record: it has a topic, and no key is the name of a field. */
export function isGivenRecord(value: Json): boolean {
  const { topic } = value
  return typeof topic === 'string' && RULE_TOPICS.some((known) => known === topic) && !Object.keys(value).some((key) => key.includes('.'))
}

/** Whether an object is a container record as `collect --output json` prints it. It is no event: it holds the facts of a container. */
export function isContainerLine({ topic, containerId }: Json): boolean {
  return topic === 'container' && typeof containerId === 'string'
}

/** Creates records from objects. It reads the schemas once, and stores the container facts that it learns. */
export class GivenRecords {
  readonly #facts = new Map<string, ContainerFacts>()
  #schemas: ReturnType<typeof currentSchemas> | null = null

  /** Stores the facts of a container for its records. @throws RecordJsonError that names the invalid part */
  learn({ topic: _, ...parts }: Json): void {
    const schema = this.#schema('container')
    const { containerId, facts } = recordFromJson(schema, completed(schema, parts, [])) as TopicRecords['container']
    if (facts !== null) this.#facts.set(containerId, facts)
  }

  /**
   * @param value `{topic, container?, ...parts of the record}`; container: `host`, `unknown`, `absent`, or facts; by default the learned
   *   facts, else unknown. Facts without a container id get a placeholder id. A missing type follows from the system call
   * @throws RecordJsonError that names the invalid part, and the nearest name
   */
  read({ topic, container, ...parts }: Json): RuleEvent {
    const event = this.#event(topic, isObject(container) ? withContainerId(parts) : parts)
    const { containerId, isContainerUnknown } = event.record.process
    if (container === undefined && isContainerUnknown) return { event, container: { state: 'unknown', containerId } }
    return { event, container: this.#knowledge(container, event.record.process) }
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

  #knowledge(given: unknown, { containerId, containerClaim }: Process): ContainerKnowledge {
    if (given === undefined) return this.#learned(containerId)
    if (given === 'host') return { state: 'host' }
    if (given === 'unknown') return { state: 'unknown', containerId }
    if (given === 'absent') {
      return {
        state: 'absent',
        containerId: containerId ?? containerClaim ?? undefined,
        isClaimed: containerId === null && containerClaim !== null,
      }
    }
    if (!isObject(given)) throw new RecordJsonError('container: expected host, unknown, absent, or the facts of the container')
    if (containerId === null) throw new RecordJsonError('container: has facts, but process.containerId says that there is none')
    const facts = this.#schema('container').fields.find(({ name }) => name === 'facts')
    const schema = facts === undefined ? undefined : notNull(facts.type)
    if (schema?.kind !== 'record') throw new RecordJsonError('container: facts have no schema')
    const complete = recordFromJson(schema, completed(schema, given, ['container']))
    return { state: 'known', containerId, facts: complete as ContainerFacts }
  }

  #learned(containerId: string | null): ContainerKnowledge {
    if (containerId === null) return { state: 'host' }
    const facts = this.#facts.get(containerId)
    return facts === undefined ? { state: 'unknown', containerId } : { state: 'known', containerId, facts }
  }
}

/** The `type` of a record (what was done) follows from its `syscall` (which call did it). */
function withType(topic: RuleTopic, parts: Json): Json {
  const { type, syscall } = parts
  if (type !== undefined || typeof syscall !== 'string') return parts
  const [kind] = Object.entries(RECORD_KINDS[topic]).find(([, calls]) => calls.includes(syscall)) ?? []
  return kind === undefined ? parts : { ...parts, type: kind }
}

function withContainerId(parts: Json): Json {
  const { process = {} } = parts
  return isObject(process) && process['containerId'] === undefined
    ? { ...parts, process: { ...process, containerId: PLACEHOLDER_ID } }
    : parts
}

/** The given parts, completed with blanks. @throws RecordJsonError for a name that is not in the schema */
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
  if (schema.kind === 'record' && isObject(given)) return completed(schema, given, path)
  if (schema.kind === 'array' && Array.isArray(given))
    return given.map((item: unknown, at) => completedValue(schema.items, item, [...path, String(at)]))
  if (schema.kind === 'enum' && (typeof given !== 'string' || !schema.symbols.includes(given))) {
    const near = nearestName(String(given), schema.symbols)
    throw new RecordJsonError(
      `${path.join('.')}: '${String(given)}' is not one of its names${near === undefined ? '' : ` (did you mean '${near}'?)`}`,
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
