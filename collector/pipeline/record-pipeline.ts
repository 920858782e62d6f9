// Splits the batches of a source into records; checks and accounts for each, and passes it to the handler of its kind.
// Every record, whatever its bytes, is published, consumed or counted as lost; none stops the collector.
import type { TopicKey } from '../../infra/topic-log/topics.js'
import type { EventCounts } from '../processes/event-counts.js'
import type { Ledger } from '../ledger/ledger.js'
import { SequenceGaps } from '../ledger/sequence-gaps.js'
import { kindFacts } from '../ring-events/event-kinds.js'
import type { BatchReceiver, RingIndex } from '../source/event-source.js'
import { framedLength, recordLength, RING_DISCARDED, RING_HEADER_BYTES } from '../source/ring-framing.js'
import type { CurrentRecord, EventContext, RecordHandler } from './event-context.js'

const SEQUENCES = 8
/** Account of a repeated record: only its first occurrence is accounted for. */
const NO_ACCOUNT = -1

/** Totals of a topic's sequences on all CPUs. */
export interface SequenceTotals {
  missing: number
  repeated: number
  inversions: number
}

/** Called when the log accepts no more records of a ring. */
export type FullListener = (ring: RingIndex) => void

/** Handles batches; see `receive`. */
export class RecordPipeline {
  readonly #context: EventContext
  readonly #ledger: Ledger
  readonly #handlers: ReadonlyArray<RecordHandler | undefined>
  readonly #gaps: readonly SequenceGaps[]
  readonly #cpus: number
  readonly #onFull: FullListener
  readonly #record: CurrentRecord
  /** By ring: the log accepts no more of its topics. */
  readonly #isFull: [security: boolean, bulk: boolean] = [false, false]
  /** Records that were published, suppressed or consumed. */
  handled = 0
  /** Of these, events that nobody needed. */
  suppressed = 0
  /** Records that do not match their kind, or whose kind is unknown. */
  malformed = 0
  /** Operations of io_uring whose result was not seen. */
  assumed = 0

  /**
   * @param onFull called when the log accepts no more of a ring; call `resume` when it does again
   * @param isResumed the rings were read before: their sequences do not begin at 1
   */
  constructor(
    context: EventContext,
    ledger: Ledger,
    handlers: ReadonlyMap<number, RecordHandler>,
    cpus: number,
    onFull: FullListener,
    isResumed = false,
  ) {
    this.#context = context
    this.#ledger = ledger
    this.#cpus = cpus
    this.#onFull = onFull
    const byKind: (RecordHandler | undefined)[] = []
    for (const [kind, handler] of handlers) byKind[kind] = handler
    this.#handlers = byKind
    this.#gaps = Array.from({ length: SEQUENCES * cpus }, () => new SequenceGaps(isResumed))
    const bytes = new Uint8Array(0)
    this.#record = { bytes, view: new DataView(bytes.buffer), at: 0, length: 0, ring: 0, mark: 0, account: NO_ACCOUNT }
  }

  /** @see BatchReceiver: handles nothing of a ring whose topics are full */
  readonly receive: BatchReceiver = (batch) => {
    const { bytes, view, endOffset } = batch
    const base = batch.endPosition - endOffset
    const record = this.#record
    this.#context.hashes.beginBatch()
    record.bytes = bytes
    record.view = view
    record.ring = batch.ring
    while (batch.offset < endOffset && !this.#isFull[batch.ring]) {
      const frame = view.getUint32(batch.offset, true)
      record.at = batch.offset + RING_HEADER_BYTES
      record.length = recordLength(frame)
      batch.offset += framedLength(frame)
      record.mark = base + batch.offset
      if ((frame & RING_DISCARDED) === 0) this.#handle(record)
    }
    this.#context.publisher.handled(batch.ring, base + batch.offset)
    // For a batch that is handled in parts only the end counts, so that a recording, which contains the parts, behaves like its kernel.
    if (!batch.isAhead && batch.offset >= endOffset) this.#context.table.handledUpTo(this.#context.header.bootUs)
    if (this.#isFull[batch.ring]) this.#onFull(batch.ring)
  }

  /** The log accepts records of a ring again. */
  resume(ring: RingIndex): void {
    this.#isFull[ring] = false
  }

  /** Sequences of one topic on all CPUs. */
  sequenceTotals(sequence: number): SequenceTotals {
    const totals = { missing: 0, repeated: 0, inversions: 0 }
    for (let cpu = 0; cpu < this.#cpus; cpu++) {
      const gaps = this.#gaps[sequence * this.#cpus + cpu]
      if (gaps === undefined) continue
      totals.missing += gaps.missing
      totals.repeated += gaps.repeated
      totals.inversions += gaps.inversions
    }
    return totals
  }

  #handle(record: CurrentRecord): void {
    const { header } = this.#context
    if (!header.read(record.view, record.at, record.length)) {
      this.malformed++
      this.#ledger.unaccounted++
      return
    }
    const { kind, cpu } = header
    const facts = kindFacts(kind)
    const handler = this.#handlers[kind]
    record.account = this.#ledger.accountOf(kind, cpu)
    if (facts === undefined || handler === undefined || cpu >= this.#cpus) return this.#lose(record)
    if (header.isAssumed) this.assumed++
    const isNew = this.#gaps[facts.sequence * this.#cpus + cpu]?.see(header.seq) ?? true
    if (!isNew) record.account = NO_ACCOUNT
    const outcome = handler(record)
    if (outcome === 'malformed') return this.#lose(record)
    this.handled++
    if (isNew && isCounted(facts.topic)) this.#context.table.count(header, facts.topic)
    if (outcome === 'suppressed') this.#suppress(record)
    else if (outcome === 'consumed') this.#ledger.published(record.account)
    else if (outcome === 'full') this.#isFull[record.ring] = true
  }

  #suppress(record: CurrentRecord): void {
    this.suppressed++
    this.#ledger.suppressed(record.account)
  }

  #lose(record: CurrentRecord): void {
    this.malformed++
    this.#ledger.dropped(record.account)
  }
}

function isCounted(topic: TopicKey | null): topic is keyof EventCounts {
  return topic === 'file' || topic === 'process' || topic === 'network' || topic === 'kernel'
}
