// Encodes the record PathPlace. Between the locator of paths and the encoders of events.
import type { AvroWriter } from '../../schemas/avro-writer.js'
import type { PlaceFacts } from '../mounts/host-paths.js'
import { type RawTexts, writeOptionalText } from './text-encoder.js'

/** Writes the union of null and the record. @param field path of the record in the event, for texts that are not valid UTF-8 */
export function writePlace(writer: AvroWriter, raw: RawTexts, place: PlaceFacts | null, field: string): void {
  writer.int(place === null ? 0 : 1)
  if (place === null) return
  const { seenPath, isForeignRoot, fileSystemPath, mountNamespace, realInode } = place
  if (!writeOptionalText(writer, seenPath) && seenPath !== null) raw.add(`${field}.seenPath`, seenPath)
  writer.int(isForeignRoot === null ? 0 : 1)
  if (isForeignRoot !== null) writer.boolean(isForeignRoot)
  writer.boolean(place.isUnreachable)
  writer.int(place.mountId | 0)
  writer.int(mountNamespace === 0 ? 0 : 1)
  if (mountNamespace !== 0) writer.long(mountNamespace)
  writer.long(place.device)
  if (!writeOptionalText(writer, fileSystemPath) && fileSystemPath !== null) raw.add(`${field}.fileSystemPath`, fileSystemPath)
  writer.int(realInode === null ? 0 : 1)
  if (realInode !== null) writer.text(realInode)
  writer.int(realInode === null ? 0 : 1)
  if (realInode !== null) writer.long(place.realDevice)
}
