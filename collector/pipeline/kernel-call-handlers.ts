// Calls that change rights, namespaces, other processes or the kernel: the process of the event is looked up, its bytes are spliced, the event is published.
import type { KernelEventEncoder } from '../encoder/kernel-event-encoder.js'
import { KERNEL_CALL_KINDS } from '../ring-events/event-kinds.js'
import { KernelCallRecord } from '../ring-events/kernel-call-record.js'
import type { EventContext, RecordHandler } from './event-context.js'

/** Handlers of struct kernel_call_event, by kind. */
export function kernelCallHandlers(context: EventContext, encoder: KernelEventEncoder): ReadonlyMap<number, RecordHandler> {
  const { header, table, processes, publisher } = context
  const call = new KernelCallRecord()
  const handler: RecordHandler = (record) => {
    const { bytes } = record
    if (!call.read(bytes, record.view, record.at, record.length)) return 'malformed'
    context.countTextFlags(call.path.flags)
    const wallUs = context.wallUs()
    encoder.call(header, processes.of(table.at(header), header), bytes, call, wallUs)
    return publisher.fromRing(record.ring, 'kernel', record.account, encoder.writer, wallUs, record.mark) ? 'published' : 'full'
  }
  return new Map(KERNEL_CALL_KINDS.map((kind) => [kind, handler]))
}
