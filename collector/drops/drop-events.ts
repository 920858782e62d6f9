// Makes an event of what was dropped or refused: a record of the topic kernel whose process is the noisiest one, so that rules in every
// runtime can fire on it and name process and container. It never was in a ring, so a flood can't push it out.
import type { Logger } from '../../infra/process/logger.js'
import { KERNEL_CALL_EVENT, KIND } from '../../native/generated/layout.js'
import type { Codec } from '../../schemas/codec.js'
import type { KernelEvent } from '../../schemas/generated/types.js'
import { KernelEventEncoder } from '../encoder/kernel-event-encoder.js'
import type { OriginEncoder } from '../encoder/origin-encoder.js'
import type { EventContext } from '../pipeline/event-context.js'
import type { ProcessImage } from '../processes/process-entry.js'
import type { Ledger } from '../ledger/ledger.js'
import type { OwnEvents } from '../publish/own-events.js'
import { EventHeader, NO_SYSCALL } from '../ring-events/event-header.js'
import { KernelCallRecord } from '../ring-events/kernel-call-record.js'
import type { EventSource } from '../source/event-source.js'
import { countsOf, DropWatch, type DropReport } from './drop-watch.js'
import { NoiseTable, type DropGroup, type Noisiest } from './noise.js'

/** What it reads, and where the events go. */
export interface DropEventsDeps {
  readonly source: EventSource
  readonly context: EventContext
  readonly codec: Codec
  readonly origin: OriginEncoder
  readonly ledger: Ledger
  readonly ownEvents: OwnEvents
  readonly log: Logger
}

/** A call without arguments: what the process of an event is written with. */
const EMPTY = new Uint8Array(KERNEL_CALL_EVENT.bytes)

/** Reports drops; `look` is called each second. */
export class DropEvents {
  readonly #deps: DropEventsDeps
  readonly #noise = new NoiseTable()
  readonly #watch: DropWatch
  readonly #header = new EventHeader()
  readonly #encoder: KernelEventEncoder
  readonly #call = new KernelCallRecord()

  /** @param isResumed an earlier collector reported the counts so far */
  constructor(deps: DropEventsDeps, isResumed: boolean) {
    this.#deps = deps
    this.#encoder = new KernelEventEncoder(deps.codec.schemaId('kernel'), deps.origin, deps.context.containers)
    this.#watch = new DropWatch(deps.context.clock.bootNow(), isResumed ? this.#counts() : undefined)
    this.#call.read(EMPTY, new DataView(EMPTY.buffer), 0, EMPTY.length)
  }

  /** Compares the counters, and publishes what is due. @param isLast publishes everything */
  look(isLast = false): void {
    const nowUs = this.#deps.context.clock.bootNow()
    this.#watch.look(this.#counts(), nowUs)
    if (!this.#watch.isDue(nowUs, isLast)) return
    const noisiest = this.#noisiest()
    this.#watch.report(nowUs, (report) => this.#deps.ownEvents.drop(this.#eventOf(report, noisiest.get(report.group) ?? null)), isLast)
  }

  #counts(): ReturnType<typeof countsOf> {
    const { source, ledger } = this.#deps
    return countsOf(source.counters(), source.suppressions?.().budget ?? [], (kind) => ledger.lostOf(kind))
  }

  #noisiest(): ReadonlyMap<DropGroup, Noisiest> {
    try {
      return this.#noise.read(this.#deps.source.budgets?.() ?? Buffer.alloc(0))
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'the budgets of processes cannot be read: an event about drops names the collector')
      return new Map()
    }
  }

  #eventOf({ kinds, dropped, refused, intervalUs }: DropReport, noisiest: Noisiest | null): Omit<KernelEvent, 'origin'> {
    const { context, codec } = this.#deps
    const image = noisiest === null ? this.#ownProcess() : this.#processOf(noisiest)
    this.#encoder.call(this.#header, context.processes.once(image, this.#header), EMPTY, this.#call, 0)
    const { writer } = this.#encoder
    return {
      ...codec.decode('kernel', writer.bytes, 0, writer.position),
      type: 'drop',
      threadId: null,
      droppedKinds: [...kinds],
      droppedEvents: dropped,
      refusedEvents: refused,
      processEvents: noisiest === null ? null : noisiest.events,
      intervalUs,
    }
  }

  /** As the process is now; `header` is that of an earlier event. */
  #processOf({ header }: Noisiest): ProcessImage {
    const { table } = this.#deps.context
    this.#header.read(new DataView(header.buffer, header.byteOffset, header.length), 0, header.length)
    this.#begin()
    // A process that is not in the table has ended, or its fork was dropped.
    return table.find(this.#header.pid, this.#header.startUs) ?? table.exit(this.#header)
  }

  #ownProcess(): ProcessImage {
    const { table } = this.#deps.context
    const header = Object.assign(this.#header, new EventHeader(), {
      pid: process.pid,
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
    })
    for (const entry of table.entries()) if (entry.pid === process.pid && !entry.hasExited) header.startUs = entry.startUs
    this.#begin()
    return table.find(header.pid, header.startUs) ?? table.exit(header)
  }

  #begin(): void {
    this.#header.kind = KIND.call
    this.#header.syscall = NO_SYSCALL
    this.#header.bootUs = this.#deps.context.clock.bootNow()
  }
}
