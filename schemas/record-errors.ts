// What can go wrong with a record: its bytes can't be read, it can't be written, or its schema is unknown.
import { EunomiaError } from '../infra/process/errors.js'

/** Where a record is wrong. */
export interface RecordPlace {
  /** Name or short name of the topic. */
  readonly topic: string
  /** Byte within the value (wire format, so the Avro body begins at 5). */
  readonly offset: number
  /** Path of the field, such as `process.args[2]`; null when unknown. */
  readonly field?: string | null
}

/** A record that names another host than its key. A retry does not help: it goes to the dead letters. */
export class RecordForeignError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RECORD_FOREIGN'

  constructor(topic: string, key: string | null, hostId: string) {
    const named = key === null ? 'no key' : `the key ${JSON.stringify(key)}`
    super(`record of ${topic} has ${named}, but origin.hostId ${JSON.stringify(hostId)}: one host must not publish as another`, {
      details: { topic, key, hostId },
    })
  }
}

/** Bytes that are not a record of their topic. A retry does not help: it goes to the dead letters. */
export class RecordUnreadableError extends EunomiaError {
  static override readonly code = 'EUNOMIA_RECORD_UNREADABLE'
  /** Path of the field that could not be read, or null. */
  readonly field: string | null
  /** Byte within the value at which reading failed. */
  readonly offset: number

  constructor(reason: string, place: RecordPlace, cause?: unknown) {
    const field = place.field ?? null
    const at = field === null ? `at byte ${String(place.offset)}` : `in field ${field} at byte ${String(place.offset)}`
    super(`record of ${place.topic} can't be read ${at}: ${reason}`, {
      cause,
      details: { topic: place.topic, field, offset: place.offset },
    })
    this.field = field
    this.offset = place.offset
  }
}

/** The schema that a record was written with is unknown. */
export class SchemaUnknownError extends EunomiaError {
  static override readonly code = 'EUNOMIA_SCHEMA_UNKNOWN'
  readonly schemaId: number

  constructor(schemaId: number, reason: string, cause?: unknown) {
    super(`schema ${String(schemaId)} is not known: ${reason}`, { cause, details: { schemaId } })
    this.schemaId = schemaId
  }
}
