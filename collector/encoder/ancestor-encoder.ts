// The record Ancestor: another process as an event tells of it, an ancestor or a leader.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { Ancestor } from '../processes/lineage.js'
import type { RawTexts } from './raw-texts.js'
import { writeOptionalText, writeText } from './text-encoder.js'

/** Writes it. @param field path of the record in the event, for texts that are no UTF-8 */
export function writeAncestor(writer: AvroWriter, raw: RawTexts, ancestor: Ancestor, field: string): void {
  writer.int(ancestor.pid)
  writer.long(ancestor.startUs)
  if (!writeText(writer, ancestor.name, 0, ancestor.name.length)) raw.add(`${field}.name`, ancestor.name)
  if (!writeText(writer, ancestor.exe, 0, ancestor.exe.length)) raw.add(`${field}.exe`, ancestor.exe)
  if (!writeOptionalText(writer, ancestor.exePath) && ancestor.exePath !== null) raw.add(`${field}.exePath`, ancestor.exePath)
}
