// The processes that already run at the start: added to the process table, then published as `snapshot` events.
// They are read before the first batch, so that every event finds its process.
import type { ProcessEventEncoder } from '../encoder/process-event-encoder.js'
import type { Ledger } from '../ledger/ledger.js'
import { OWN_KIND } from '../ledger/account.js'
import { KIND } from '../../native/generated/layout.js'
import { ExecRecord } from '../ring-events/process-records.js'
import { framedLength, recordLength, RING_HEADER_BYTES } from '../source/ring-framing.js'
import type { EventContext } from './event-context.js'

/** cpu of events created by the collector. */
const OWN_CPU = -1

/** Seeds the table with the records of the task iterator. @returns records that are malformed or of another kind */
export function seedProcesses(context: EventContext, tasks: Uint8Array): number {
  const view = viewOf(tasks)
  const record = new ExecRecord()
  const seeded: { readonly at: number; readonly startUs: number }[] = []
  let malformed = 0
  for (let at = 0; at < tasks.length; at += framedLength(view.getUint32(at, true))) {
    if (!readTask(context, record, tasks, view, at)) {
      malformed++
      continue
    }
    context.countTextFlags(record.textFlags)
    const image = context.table.seed(context.header, record, tasks, view)
    context.hashes.running(image)
    seeded.push({ at, startUs: image.process.startUs })
  }
  context.table.relateSeeds()
  // In the order of their creation: the first process of a container precedes those that entered it.
  seeded.sort((a, b) => a.startUs - b.startUs)
  for (const { at } of seeded) {
    if (readTask(context, record, tasks, view, at)) context.processes.place(context.table.at(context.header), context.header)
  }
  return malformed
}

/** Publishes the seeded processes. Waits while the log is full, since a host may run more processes than it accepts at once. */
export async function publishSnapshot(
  context: EventContext,
  encoder: ProcessEventEncoder,
  ledger: Ledger,
  tasks: Uint8Array,
): Promise<void> {
  const account = ledger.accountOf(OWN_KIND.snapshot, OWN_CPU)
  const view = viewOf(tasks)
  const record = new ExecRecord()
  for (let at = 0; at < tasks.length; at += framedLength(view.getUint32(at, true))) {
    if (!readTask(context, record, tasks, view, at)) continue
    const { header } = context
    const wallUs = context.wallUs()
    const process = context.processes.once(context.table.at(header), header)
    encoder.snapshot(header, process, ledger.make(OWN_KIND.snapshot), wallUs)
    if (context.publisher.own('process', account, encoder.writer, wallUs) !== 'room') await context.publisher.drained()
  }
}

/** Reads the record after the ring header at `at` into the context's header and `record`. */
function readTask(context: EventContext, record: ExecRecord, tasks: Uint8Array, view: DataView, at: number): boolean {
  const length = recordLength(view.getUint32(at, true))
  const { header } = context
  const isTask = header.read(view, at + RING_HEADER_BYTES, length) && header.kind === KIND.task
  return isTask && record.read(tasks, view, at + RING_HEADER_BYTES, length)
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
