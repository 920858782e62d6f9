// Arguments as the kernel has them (each NUL-terminated, the last one maybe cut) to an Avro array of strings.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { RawTexts } from './raw-texts.js'
import { writeText } from './text-encoder.js'

/** Writes args[start, end) as an array; what is not valid UTF-8 goes to `raw` as `<field>.<index>`. */
export function writeArguments(writer: AvroWriter, raw: RawTexts, field: string, args: Uint8Array, start: number, end: number): void {
  let count = 0
  for (let at = start; at < end; at++) if (args[at] === 0) count++
  if (end > start && args[end - 1] !== 0) count++
  writer.blockStart(count)
  let from = start
  for (let index = 0; index < count; index++) {
    let to = from
    while (to < end && args[to] !== 0) to++
    if (!writeText(writer, args, from, to)) raw.add(`${field}.${String(index)}`, args, from, to)
    from = to + 1
  }
  writer.blockEnd()
}
