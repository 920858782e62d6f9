// Encodes the records of one topic with avsc, behind what a writer already holds.
import type { Type } from 'avsc'
import { messageOf } from '../infra/process/errors.js'
import { avroType } from './avro-types/avro-type.js'
import type { AvroWriter } from './avro-writer.js'
import type { RecordSchema } from './tree/schema-model.js'
import { writeHeader } from './wire-format.js'

/** Encodes the records of a topic. */
export class RecordEncoder {
  readonly #type: Type
  readonly #schemaId: number

  constructor(schema: RecordSchema, schemaId: number) {
    this.#type = avroType(schema)
    this.#schemaId = schemaId
  }

  /** Appends the value (wire format) of a record. @throws TypeError for a record that does not fit its type: a bug, since types guard the callers */
  write(writer: AvroWriter, record: unknown): void {
    const before = writer.position
    try {
      writeHeader(writer, this.#schemaId)
      let end = this.#type.encode(record, writer.bytes, writer.position)
      if (end < 0) {
        // avsc says how many bytes it lacked.
        writer.ensure(writer.bytes.length - writer.position - end)
        end = this.#type.encode(record, writer.bytes, writer.position)
      }
      writer.position = end
    } catch (error) {
      writer.position = before
      throw new TypeError(this.#fault(record) ?? messageOf(error), { cause: error })
    }
  }

  #fault(record: unknown): string | null {
    let fault: string | null = null
    this.#type.isValid(record, {
      errorHook: (path: readonly string[], value: unknown, type: Type) => {
        fault ??= `field ${path.join('.')} is ${value === undefined ? 'missing' : typeof value}, not ${type.typeName}`
      },
    })
    return fault
  }
}
