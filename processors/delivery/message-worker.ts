// The sending side of a sink that takes messages: takes the window of a group, sends the message, settles the alerts that it stands for, and adds
// the next message of the group.
//
//    job -> take: the window, the same at each attempt -> rate, breaker -> send -> delivered: settled, next message
//                                                                               -> refused: dead letter, settled, next message
//                                                                               -> retry: the job comes again
import { isRetryable, messageOf as textOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { OffsetRange } from '../../infra/topic-log/topic-log.js'
import { Backoff } from '../../infra/waiting/backoff.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { decodeLearned } from '../runtime/decode-learned.js'
import type { DeadLetterWriter } from './dead-letters.js'
import type { SinkMetrics } from './delivery-metrics.js'
import type { GroupOutlet } from './group-outlet.js'
import { type GroupStore, isTaken, type TakenWindow } from './grouping/group-store.js'
import { type Grouping, messageOf, rangesOf } from './grouping/grouping.js'
import type { DeliveryJob, JobEnd } from './queue/delivery-queue.js'
import { readerNameOf } from './reader.js'
import type { Sending } from './sending.js'
import type { SettlementStore } from './settlement/settlement-store.js'
import type { GroupMessage, MessageOutcome, MessageSink } from './sink.js'

/** What it needs. */
export interface MessageWorkerDeps {
  readonly sender: MessageSink
  readonly codec: Codec
  readonly store: SettlementStore
  readonly groups: GroupStore
  readonly grouping: Grouping
  readonly outlet: Pick<GroupOutlet, 'schedule'>
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>
  readonly metrics: SinkMetrics
  readonly log: Logger
  /** Reports what is settled to the reader of this process. */
  readonly onSettled: (partition: number, ranges: readonly OffsetRange[]) => void
}

/** After so long a wait for its turn, a message may have been sent by another worker, milliseconds. */
const STALE_MS = 1_000
/** Ranges that are settled in one step of Redis. */
const SETTLE_RANGES = 1_000

/** The worker of one sink in one process. */
export class MessageWorker {
  readonly #sending: Sending
  readonly #deps: MessageWorkerDeps

  constructor(sending: Sending, deps: MessageWorkerDeps) {
    this.#sending = sending
    this.#deps = deps
  }

  /** Handles one job. */
  async handle(job: DeliveryJob): Promise<JobEnd> {
    if (this.#sending.isDraining) return { kind: 'again', afterMs: 0 }
    if (job.message === undefined) return { kind: 'done' }
    if (job.message.refused !== undefined) return await this.#redrive(job, job.message.refused)
    const { groups, outlet } = this.#deps
    const window = await groups.take(job.message)
    if (!isTaken(window)) {
      if (window !== null) await outlet.schedule([window])
      return { kind: 'done' }
    }
    const alert = await this.#alertOf(window.alert)
    // Of an attempt before, nobody knows whether it arrived.
    const message = messageOf({ ...window, mayRepeat: window.mayRepeat || job.starts > 0 }, alert)
    const outcome = await this.#send(message, async () => isTaken(await groups.take(window)))
    if (outcome === 'gone') return { kind: 'done' }
    if (outcome === null) return { kind: 'again', afterMs: 0 }
    if (outcome.kind === 'retry') return this.#again(job, outcome.afterMs)
    if (outcome.kind === 'refused') await this.#writeDead(window, message, outcome, job.starts + 1)
    await this.#settle(window, outcome.kind === 'delivered' ? (outcome.thread ?? null) : null)
    if (outcome.kind === 'delivered') this.#deps.metrics.delivered.add(window.count)
    if (outcome.kind === 'delivered' || window.count === 0) return { kind: 'done' }
    this.#deps.metrics.refused.add(window.count)
    const alerts = [{ offset: window.ranges[0]?.range[0] ?? 0, bytes: window.alert }]
    const content = { partition: window.ranges[0]?.partition ?? 0, alerts, message: { ...job.message, refused: message } }
    return { kind: 'dead', offsets: [], reason: outcome.reason.slice(0, 500), content }
  }

  /** A message that was refused; somebody wants it to be sent again. Its alerts are settled. */
  async #redrive(job: DeliveryJob, message: GroupMessage): Promise<JobEnd> {
    const outcome = await this.#send({ ...message, mayRepeat: true }, () => Promise.resolve(true))
    if (outcome === null || outcome === 'gone') return { kind: 'again', afterMs: 0 }
    if (outcome.kind === 'retry') return this.#again(job, outcome.afterMs)
    if (outcome.kind === 'refused') {
      const { alerts, partition, message: kept } = job
      return {
        kind: 'dead',
        offsets: [],
        reason: outcome.reason.slice(0, 500),
        content: { alerts, partition, ...(kept === undefined ? {} : { message: kept }) },
      }
    }
    this.#deps.metrics.delivered.add(message.count)
    return { kind: 'done' }
  }

  #again({ starts }: DeliveryJob, afterMs = 0): JobEnd {
    this.#deps.metrics.retried.add()
    return { kind: 'again', afterMs: Math.max(afterMs, this.#sending.backoffMs(starts + 1)) }
  }

  /**
   * @param isStillDue asked again after a long wait
   * @returns null if the worker stopped before it was sent; `gone` if it is not due any more
   */
  async #send(message: GroupMessage, isStillDue: () => Promise<boolean>): Promise<MessageOutcome | 'gone' | null> {
    const sending = this.#sending
    const startMs = performance.now()
    if (!(await sending.turn(1))) return null
    if (performance.now() - startMs > STALE_MS && !(await isStillDue())) {
      sending.passed()
      return 'gone'
    }
    const outcome = await sending.timed((signal) => this.#deps.sender.notify(message, signal))
    sending.answered(outcome.kind === 'retry' ? outcome : undefined)
    return outcome.kind === 'retry' && sending.stopped.aborted ? null : outcome
  }

  async #alertOf(bytes: Uint8Array): Promise<Alert> {
    return await decodeLearned('alerts', { valueBytes: bytes, valueStart: 0, valueEnd: bytes.length }, this.#deps.codec)
  }

  /** One for the whole message: its value is the alert that the message shows, its reason says where all of them are. */
  async #writeDead(
    window: TakenWindow,
    { alert, ranges, count }: GroupMessage,
    { reason, answer }: Extract<MessageOutcome, { kind: 'refused' }>,
    attempts: number,
  ): Promise<void> {
    const { sink } = this.#sending.config
    this.#deps.log.warn({ sink, alerts: count, reason, answer: answer.slice(0, 200) }, 'the receiver refused a message')
    if (count === 0) return
    const places = ranges.map(
      ({ partition, ranges: offsets }) => `${String(partition)}: ${offsets.map(([a, b]) => `${String(a)}-${String(b)}`).join(' ')}`,
    )
    const [first] = window.ranges
    await this.#deps.deadLetters.write(readerNameOf(sink), [
      {
        alert: {
          bytes: window.alert,
          partition: first?.partition ?? 0,
          offset: first?.range[0] ?? 0,
          hostId: alert.origin.hostId,
          timestampMs: Math.floor(alert.origin.wallTimeUs / 1000),
        },
        reason: `${reason} (a message about ${String(count)} alerts, partition: offsets ${places.join(', ').slice(0, 500)})`,
        answer,
        attempts,
      },
    ])
  }

  /** Tries until the stores answer: the message is sent, and giving up would send it again. */
  async #settle(window: TakenWindow, thread: string | null): Promise<void> {
    const { store, groups, grouping, outlet, onSettled } = this.#deps
    const backoff = new Backoff(50, 2_000)
    const settled = rangesOf(window).map(({ partition, ranges }) => {
      return { partition, ranges: ranges.map(([first, last]): OffsetRange => [first, last + 1]) }
    })
    for (const { partition, ranges } of settled) onSettled(partition, ranges)
    for (;;) {
      try {
        for (const { partition, ranges } of settled)
          for (let from = 0; from < ranges.length; from += SETTLE_RANGES)
            await store.settleUnclaimed(partition, ranges.slice(from, from + SETTLE_RANGES))
        const next = await groups.sent(window, thread, Date.now() + grouping.pauseMs(window.sequence))
        if (next !== null) await outlet.schedule([next])
        return
      } catch (error) {
        if (!isRetryable(error) || this.#sending.stopped.aborted) throw error
        this.#deps.log.debug({ sink: this.#sending.config.sink, error: textOf(error) }, 'a sent message could not be settled yet')
        await backoff.wait(this.#sending.stopped)
      }
    }
  }
}
