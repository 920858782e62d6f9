// A capture file as a source: recorded kernel records, so that tests and demos need no root and no eBPF.
// Plays one frame per turn, as fast as the receiver takes them. It has no kernel counters and counts its own records. Recorded answers of the host
// are valid from the record that needed them.
import { deferred } from '../../infra/waiting/waiters.js'
import type { CpuCounters } from '../../native/addon.js'
import { EventHeader } from '../ring-events/event-header.js'
import { kindFacts } from '../ring-events/event-kinds.js'
import { KIND_MAX } from '../../native/generated/layout.js'
import { messageOf } from '../../infra/process/errors.js'
import { AnswerReader, type Answer } from '../recording/answer.js'
import { RecordedSurroundings } from '../recording/recorded-surroundings.js'
import type { RecordedIdentity } from '../recording/surroundings.js'
import { ANSWERS_FRAME, TASKS_FRAME } from './capture-format.js'
import { CaptureFile, type CaptureFrame, type TornTail } from './capture-file.js'
import { RING, type BatchReceiver, type EventSource, type RingBatch, type RingIndex, type SourceFacts } from './event-source.js'
import { framedLength, recordLength, RING_DISCARDED, RING_HEADER_BYTES } from './ring-framing.js'

const SEQUENCES = 8
/** Most answers before one frame: far more than a collector writes, and a bound for hostile files. */
const MAX_ANSWERS = 1_000_000

interface MutableCounters {
  readonly seq: number[]
  readonly emitted: number[]
  readonly dropped: number[]
  readonly suppressed: number[]
}

/** @see EventSource */
export class CaptureSource implements EventSource {
  readonly facts: SourceFacts
  readonly probes = []
  readonly done: Promise<void>
  /** Recorded answers of the host; null for a capture of the rings only. */
  readonly surroundings: RecordedSurroundings | null
  /** Origin of the events; null for a capture of the rings only. */
  readonly identity: RecordedIdentity | null
  readonly #file: CaptureFile
  readonly #tasks: Uint8Array
  readonly #counters: readonly MutableCounters[]
  readonly #header = new EventHeader()
  readonly #reader = new AnswerReader()
  #answers: Answer[] = []
  readonly #positions: [security: number, bulk: number] = [0, 0]
  #first: CaptureFrame | null
  #pending: RingBatch | null = null
  #receiver: BatchReceiver | null = null
  #isStopped = false
  #isWaitingForRoom = false
  #turn: NodeJS.Immediate | null = null
  readonly #ended = deferred()

  /** @throws CaptureInvalidError when the beginning is invalid; a later error rejects `done` */
  constructor(path: string) {
    this.#file = new CaptureFile(path)
    const { bootId, hostName, kernelRelease, cpus, bootToWallUs } = this.#file.header
    this.facts = { bootId, hostName, kernelRelease, cpus, bootToWallUs, isLive: false }
    this.#counters = Array.from({ length: cpus }, () => ({
      seq: zeros(SEQUENCES),
      emitted: zeros(KIND_MAX),
      dropped: zeros(KIND_MAX),
      suppressed: zeros(KIND_MAX),
    }))
    this.identity = this.#file.header.identity ?? null
    this.surroundings = this.identity === null ? null : new RecordedSurroundings(bootToWallUs)
    const tasks: Uint8Array[] = []
    let frame = this.#file.next()
    for (; frame?.ring === TASKS_FRAME; frame = this.#file.next()) tasks.push(frame.bytes)
    this.#tasks = Buffer.concat(tasks)
    this.#first = this.#afterAnswers(frame)
    // The answers of the beginning are needed before the first frame.
    this.surroundings?.beginFrame(
      this.#answers.filter((answer) => !('container' in answer) && answer.at === 0),
      () => 0,
    )
    this.done = this.#ended.promise
    // A later await of `done` gets the error; until then it is not an unhandled rejection.
    this.done.catch(() => undefined)
  }

  /** Bytes after the last whole record, known at the end of the file; null for none. */
  get torn(): TornTail | null {
    return this.#file.torn
  }
  tasks(): Uint8Array {
    return this.#tasks
  }
  counters(): readonly CpuCounters[] {
    return this.#counters
  }
  recursionMisses(): Readonly<Record<string, number>> {
    return {}
  }
  ack(): void {
    // Frames are garbage collected.
  }
  start(receiver: BatchReceiver): void {
    this.#receiver = receiver
    this.#soon()
  }
  resume(): void {
    if (!this.#isWaitingForRoom) return
    this.#isWaitingForRoom = false
    this.#soon()
  }
  stop(): void {
    this.#isStopped = true
    if (!this.#isWaitingForRoom) this.#soon()
  }
  close(): void {
    if (this.#turn !== null) clearImmediate(this.#turn)
    this.#file.close()
    this.#ended.resolve()
  }

  #soon(): void {
    this.#turn ??= setImmediate(() => {
      this.#turn = null
      try {
        this.#playOne()
      } catch (error) {
        this.#file.close()
        this.#ended.reject(error)
      }
    })
  }

  #playOne(): void {
    this.#pending ??= this.#isStopped ? null : this.#nextBatch()
    if (this.#pending === null || this.#receiver === null) return void this.#finish()
    this.#receiver(this.#pending)
    if (this.#pending.offset < this.#pending.endOffset) return void (this.#isWaitingForRoom = true)
    this.#pending = null
    this.#soon()
  }

  /** Applies the answers after the last frame. */
  #finish(): void {
    if (!this.#isStopped) this.surroundings?.beginFrame(this.#answers, () => Infinity)
    this.close()
  }

  #nextBatch(): RingBatch | null {
    const frame = this.#first ?? this.#afterAnswers(this.#file.next())
    this.#first = null
    if (frame === null) return null
    if (frame.ring === TASKS_FRAME) throw this.#file.invalid('task records come after ring records')
    const ring: RingIndex = frame.ring === RING.security ? RING.security : RING.bulk
    this.#count(frame)
    this.#positions[ring] += frame.bytes.length
    const { bytes, view, isAhead } = frame
    const batch = { ring, bytes, view, offset: 0, endOffset: bytes.length, endPosition: this.#positions[ring], isAhead }
    this.surroundings?.beginFrame(this.#answers, () => batch.offset)
    this.#answers = []
    return batch
  }

  /** Returns the next frame of records, and stores the answers before it. */
  #afterAnswers(first: CaptureFrame | null): CaptureFrame | null {
    let frame = first
    for (; frame?.ring === ANSWERS_FRAME; frame = this.#file.next()) {
      try {
        for (const answer of this.#reader.read(frame.bytes)) this.#answers.push(answer)
      } catch (error) {
        throw this.#file.invalid(messageOf(error))
      }
      if (this.#answers.length > MAX_ANSWERS) throw this.#file.invalid('too many answers of the host before one frame')
    }
    return frame
  }

  #count(frame: CaptureFrame): void {
    for (let at = 0; at < frame.bytes.length;) {
      const header = frame.view.getUint32(at, true)
      if ((header & RING_DISCARDED) === 0 && this.#header.read(frame.view, at + RING_HEADER_BYTES, recordLength(header))) {
        const counters = this.#counters[this.#header.cpu]
        const { kind, seq } = this.#header
        if (counters !== undefined && kind < KIND_MAX) {
          counters.emitted[kind] = (counters.emitted[kind] ?? 0) + 1
          const sequence = kindFacts(kind)?.sequence
          if (sequence !== undefined) counters.seq[sequence] = Math.max(counters.seq[sequence] ?? 0, seq)
        }
      }
      at += framedLength(header)
    }
  }
}

function zeros(length: number): number[] {
  return new Array<number>(length).fill(0)
}
