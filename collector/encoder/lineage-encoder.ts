// Ancestors and the parent's arguments to Avro, once for all children of an image of the parent.
import { AvroWriter } from '../../schemas/avro-writer.js'
import { copyBytes } from '../ring-events/copy-bytes.js'
import type { EncodedLineage, Lineage } from '../processes/lineage.js'
import { writeAncestor } from './ancestor-encoder.js'
import { writeArguments } from './argument-list.js'
import { RawTexts } from './raw-texts.js'

/** Encodes the fields `ancestors` and `parentArgs`. */
export class LineageEncoder {
  readonly #writer = new AvroWriter()
  readonly #raw = new RawTexts()

  /** The bytes of a lineage, kept with it. */
  of(lineage: Lineage): EncodedLineage {
    return (lineage.encoded ??= this.#encode(lineage))
  }

  #encode(lineage: Lineage): EncodedLineage {
    const writer = this.#writer
    const raw = this.#raw
    writer.reset()
    raw.clear()
    writer.blockStart(lineage.ancestors.length)
    lineage.ancestors.forEach((ancestor, index) => writeAncestor(writer, raw, ancestor, `process.ancestors.${String(index)}`))
    writer.blockEnd()
    writeArguments(writer, raw, 'process.parentArgs', lineage.parentArgs, 0, lineage.parentArgs.length)
    return { bytes: copyBytes(writer.bytes, 0, writer.position), raw: raw.take() }
  }
}
