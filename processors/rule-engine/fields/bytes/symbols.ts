// Symbols of our own schemas by their numbers: what a scan stores for `type`, `syscall` and the like, whatever the writer's schema numbers them.
import type { AvroSchema, RecordSchema } from '../../../../schemas/tree/schema-model.js'
import { RULE_TOPICS, type RuleTopic } from '../rule-event.js'

/** Of one topic. */
export interface Symbols {
  readonly topic: RuleTopic
  /** Of the topic among RULE_TOPICS. */
  readonly place: number
  readonly types: readonly string[]
  readonly syscalls: readonly string[]
  /** Of `pathSource`. */
  readonly kernelPath: number
  readonly routes: readonly string[]
  /** Of `descriptorType`. */
  readonly directory: number
  /** Of the types of standard streams. */
  readonly streams: readonly string[]
}

export function symbolsOf(topic: RuleTopic, schema: RecordSchema): Symbols {
  const symbols = (name: string): readonly string[] => {
    const type = schema.fields.find((field) => field.name === name)?.type
    const found: AvroSchema | undefined = type?.kind === 'union' ? type.branches.find(({ kind }) => kind === 'enum') : type
    return found?.kind === 'enum' ? found.symbols : []
  }
  return {
    topic,
    place: RULE_TOPICS.indexOf(topic),
    types: symbols('type'),
    syscalls: symbols('syscall'),
    kernelPath: symbols('pathSource').indexOf('kernel'),
    routes: symbols('route'),
    directory: symbols('descriptorType').indexOf('directory'),
    streams: symbolsAt(schema, ['process', 'stdin', 'type']),
  }
}

function symbolsAt(schema: RecordSchema, path: readonly string[]): readonly string[] {
  let type: AvroSchema | undefined = schema
  for (const name of path) {
    const record: AvroSchema | undefined = type?.kind === 'union' ? type.branches.find(({ kind }) => kind === 'record') : type
    type = record?.kind === 'record' ? record.fields.find((field) => field.name === name)?.type : undefined
  }
  return type?.kind === 'enum' ? type.symbols : []
}
