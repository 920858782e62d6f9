// Renames, removals, links, modes and owners: the process of the event is looked up, its bytes are spliced, the event is published.
import type { FileChangeEncoder } from '../encoder/file-change-encoder.js'
import { FILE_CHANGE_KINDS } from '../ring-events/event-kinds.js'
import { FileChangeRecord } from '../ring-events/file-change-record.js'
import type { EventContext, RecordHandler } from './event-context.js'

/** Handlers of struct file_change_event, by kind. */
export function fileChangeHandlers(context: EventContext, encoder: FileChangeEncoder): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes, publisher } = context
  const change = new FileChangeRecord()
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!change.read(bytes, record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(change.path.flags | change.newPath.flags)
    const wallUs = context.wallUs()
    encoder.change(header, processes.of(table.at(header), header), bytes, change, wallUs)
    return publisher.fromRing(record.ring, 'file', record.account, encoder.writer, wallUs, record.mark) ? 'published' : 'full'
  }
  return new Map(FILE_CHANGE_KINDS.map((kind) => [kind, handler]))
}
