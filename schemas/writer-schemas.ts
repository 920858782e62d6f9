// Schemas that records may have been written with, by id: our own versions always, foreign ones once they were looked up.
// Bounded: any writer of a topic can name any id.
import { messageOf } from '../infra/process/errors.js'
import type { TopicKey } from '../infra/topic-log/topics.js'
import { parseRecord, type StoredSchema } from './schema-set.js'
import type { RecordSchema } from './tree/schema-model.js'
import { SchemaUnknownError } from './record-errors.js'

/** Where the schema of a foreign id comes from. */
export interface SchemaSource {
  /**
   * The JSON of the schema with this id.
   * @throws SchemaUnknownError when there is none; a retryable error when the lookup failed
   */
  fetchSchema(id: number): Promise<unknown>
  /**
   * The ids of all schemas that are registered for a topic. Default: there is no such list.
   * @throws a retryable error when the lookup failed
   */
  listIds?(topic: TopicKey): Promise<ReadonlySet<number>>
}

/** Most foreign schemas held. */
const MAX_FOREIGN = 256

/** Knows writer schemas by id. */
export class WriterSchemas {
  readonly #own: ReadonlyMap<number, RecordSchema>
  readonly #foreign = new Map<number, RecordSchema>()
  readonly #underWay = new Map<number, Promise<void>>()
  readonly #source: SchemaSource | null
  readonly #maxForeign: number
  #evicted = 0

  /** @param source asked by `learn`; null when there is no registry */
  constructor(own: readonly Pick<StoredSchema, 'id' | 'schema'>[], source: SchemaSource | null, maxForeign = MAX_FOREIGN) {
    this.#own = new Map(own.map(({ id, schema }) => [id, schema]))
    this.#source = source
    this.#maxForeign = maxForeign
  }

  /** Foreign schemas that were evicted to make room for others. */
  get evicted(): number {
    return this.#evicted
  }

  /** The schema with this id, if known. */
  get(id: number): RecordSchema | undefined {
    return this.#own.get(id) ?? this.#foreign.get(id)
  }

  /** Looks up a schema that is not yet known; at most once at a time. @throws SchemaUnknownError, or what the source throws */
  async learn(id: number): Promise<void> {
    if (this.get(id) !== undefined) return
    const underWay = this.#underWay.get(id)
    if (underWay !== undefined) return underWay
    const asked = this.#fetch(id).finally(() => this.#underWay.delete(id))
    this.#underWay.set(id, asked)
    return asked
  }

  /** The ids that the source has for a topic; null when it has no such list. @throws what the source throws */
  async listIds(topic: TopicKey): Promise<ReadonlySet<number> | null> {
    return (await this.#source?.listIds?.(topic)) ?? null
  }

  async #fetch(id: number): Promise<void> {
    if (this.#source === null) throw new SchemaUnknownError(id, 'it is not one of our fixed ids, and no registry is configured')
    const json = await this.#source.fetchSchema(id)
    let schema: RecordSchema
    try {
      schema = parseRecord(json, `schema ${String(id)}`)
    } catch (error) {
      throw new SchemaUnknownError(id, `the registry does not hold a schema of a record under it: ${messageOf(error)}`, error)
    }
    if (this.#foreign.size >= this.#maxForeign) {
      // The oldest: ids in use are learned again when they appear.
      for (const oldest of this.#foreign.keys()) {
        this.#foreign.delete(oldest)
        this.#evicted++
        break
      }
    }
    this.#foreign.set(id, schema)
  }
}
