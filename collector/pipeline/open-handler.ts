// Opens: the process of the event is looked up, its bytes are spliced, the event is published. The busiest handler.
import type { FileEventEncoder } from '../encoder/file-event-encoder.js'
import { OpenRecord } from '../ring-events/open-record.js'
import type { PathJudge } from '../watch/path-judge.js'
import type { EventContext, RecordHandler } from './event-context.js'

/** Handler of KIND_OPEN. @param judge says of paths that nobody judged yet whether the probes go on to tell them; null for probes that don't ask */
export function openHandler(context: EventContext, encoder: FileEventEncoder, judge: PathJudge | null): RecordHandler {
  const { header, table, processes, publisher } = context
  const open = new OpenRecord()
  return (record) => {
    const { bytes } = record
    if (!open.read(bytes, record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(open.path.flags)
    if (open.hasTicket) judge?.judge(bytes, open)
    const wallUs = context.wallUs()
    encoder.open(header, processes.of(table.at(header), header), bytes, open, wallUs)
    return publisher.fromRing(record.ring, 'file', record.account, encoder.writer, wallUs, record.mark) ? 'published' : 'full'
  }
}
