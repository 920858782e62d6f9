// The sending side of one sink: takes a job, sends what is still claimed for it, and settles what became of each alert. Knows neither Kafka nor
// Redis, and no receiver.
//
//    job -> begin: what is claimed -> rate, breaker (begin again after a long wait) -> send
//    send -> delivered: settled at once
//         -> refused: dead letter, then settled
//         -> retry: the job comes again with the rest
import { messageOf } from '../../infra/process/errors.js'
import type { Logger } from '../../infra/process/logger.js'
import type { OffsetRange } from '../../infra/topic-log/topic-log.js'
import { Backoff } from '../../infra/waiting/backoff.js'
import type { Codec } from '../../schemas/codec.js'
import type { Alert } from '../../schemas/generated/types.js'
import { RecordUnreadableError } from '../../schemas/record-errors.js'
import { decodeLearned } from '../runtime/decode-learned.js'
import type { DeadLetterWriter } from './dead-letters.js'
import type { SinkMetrics } from './delivery-metrics.js'
import type { DeliveryJob, JobEnd } from './queue/delivery-queue.js'
import { readerNameOf } from './reader.js'
import { OffsetRanges, rangesOf } from './settlement/offset-ranges.js'
import type { Sending } from './sending.js'
import type { SettlementStore } from './settlement/settlement-store.js'
import type { AlertSink, Outcome, Retry, TopicAlert } from './sink.js'

/** What it needs. */
export interface WorkerDeps {
  readonly sender: AlertSink
  readonly codec: Codec
  readonly store: SettlementStore
  readonly deadLetters: Pick<DeadLetterWriter, 'write'>
  readonly metrics: SinkMetrics
  readonly log: Logger
  /** Reports what is settled to the reader of this process. */
  readonly onSettled: (partition: number, epoch: string, ranges: readonly OffsetRange[]) => void
}

/** An alert with its outcome. */
interface Sent {
  readonly alert: TopicAlert
  readonly outcome: Outcome
}

/** The worker of one sink in one process. */
export class SinkWorker {
  readonly #sending: Sending
  readonly #deps: WorkerDeps

  constructor(sending: Sending, deps: WorkerDeps) {
    this.#sending = sending
    this.#deps = deps
  }

  /** Handles one job. */
  async handle(job: DeliveryJob): Promise<JobEnd> {
    if (this.#sending.isDraining) return { kind: 'again', afterMs: 0 }
    const claimed = job.isRedriven ? null : await this.#claimOf(job)
    if (claimed?.isEmpty === true) return job.refused.length === 0 ? { kind: 'done' } : deadEnd(job.refused, job.refusal)
    const due = claimed === null ? job.alerts : job.alerts.filter(({ offset }) => claimed.has(offset))
    const sent = await this.#send(job, await this.#decode(job, due))
    if (sent === null) return { kind: 'again', afterMs: 0 }
    const { metrics } = this.#deps
    const delivered = offsetsOf(sent, 'delivered')
    const refused = offsetsOf(sent, 'refused')
    const left = offsetsOf(sent, 'retry')
    // First: whatever becomes of the dead letters, these are not sent again.
    await this.#settle(job, delivered, [...refused, ...left])
    metrics.delivered.add(delivered.length)
    metrics.retried.add(left.length)
    if (refused.length > 0) {
      await this.#writeDead(
        job,
        sent.filter(({ outcome }) => outcome.kind === 'refused'),
      )
      await this.#settle(job, refused, left)
      metrics.refused.add(refused.length)
    }
    return this.#endOf(job, sent, refused, left.length > 0)
  }

  async #claimOf({ partition, epoch, id }: DeliveryJob): Promise<OffsetRanges> {
    return new OffsetRanges((await this.#deps.store.begin({ partition, epoch, jobId: id })) ?? [])
  }

  /** After a long wait: the store may have been emptied, or another worker may have had the job meanwhile. Gives the turn back if not. */
  async #isStillClaimed(job: DeliveryJob, items: readonly (TopicAlert | Sent)[]): Promise<boolean> {
    let isClaimed = false
    try {
      const claimed = job.isRedriven ? null : await this.#claimOf(job)
      isClaimed = claimed === null || items.every((item) => claimed.has('outcome' in item ? item.alert.offset : item.offset))
    } finally {
      if (!isClaimed) this.#sending.passed()
    }
    return isClaimed
  }

  /** Alerts that can't be read are refused, as if by the receiver. */
  async #decode(job: DeliveryJob, due: DeliveryJob['alerts']): Promise<(TopicAlert | Sent)[]> {
    const decoded: (TopicAlert | Sent)[] = []
    for (const { offset, bytes } of due) {
      const place = { partition: job.partition, offset, bytes, ...(job.isRedriven ? { isRedriven: true as const } : {}) }
      try {
        decoded.push({
          ...place,
          alert: await decodeLearned('alerts', { valueBytes: bytes, valueStart: 0, valueEnd: bytes.length }, this.#deps.codec),
        })
      } catch (error) {
        if (!(error instanceof RecordUnreadableError)) throw error
        const outcome = { kind: 'refused', reason: `it can't be read: ${messageOf(error)}`, answer: '' } as const
        decoded.push({ alert: { ...place, alert: UNREADABLE }, outcome })
      }
    }
    return decoded
  }

  /** @returns null if the worker stopped before they were sent */
  async #send(job: DeliveryJob, items: readonly (TopicAlert | Sent)[]): Promise<Sent[] | null> {
    const sending = this.#sending
    const unreadable = items.filter((item): item is Sent => 'outcome' in item)
    const alerts = items.filter((item): item is TopicAlert => !('outcome' in item))
    if (alerts.length === 0) return unreadable
    const startedMs = performance.now()
    if (!(await sending.turn(alerts.length))) return null
    if (performance.now() - startedMs > RECHECK_MS && !(await this.#isStillClaimed(job, items))) return null
    const answer = await sending.timed((signal) => this.#deps.sender.send(alerts, signal))
    const outcomes = alerts.map((_, index) => ('kind' in answer ? answer : (answer[index] ?? NO_OUTCOME)))
    const first = outcomes.find(isRetry)
    const isNoneTaken = outcomes.every(isRetry)
    sending.answered(isNoneTaken ? first : undefined)
    if (sending.stopped.aborted && isNoneTaken) return null
    if (first !== undefined) {
      const facts = { sink: sending.config.sink, job: job.id, alerts: alerts.length, reason: first.reason }
      this.#deps.log.debug(facts, 'alerts are sent again later')
    }
    return [...unreadable, ...alerts.map((alert, index) => ({ alert, outcome: outcomes[index] ?? NO_OUTCOME }))]
  }

  async #writeDead(job: DeliveryJob, refused: readonly Sent[]): Promise<void> {
    const letters = refused.map(({ alert, outcome }) => ({
      alert: {
        ...{ bytes: alert.bytes, partition: alert.partition, offset: alert.offset },
        hostId: alert.alert.origin.hostId,
        timestampMs: Math.floor(alert.alert.origin.wallTimeUs / 1000),
      },
      reason: outcome.kind === 'refused' ? outcome.reason : '',
      answer: outcome.kind === 'refused' ? outcome.answer : '',
      attempts: job.starts + 1,
    }))
    // One that is redriven has its dead letter already.
    if (!job.isRedriven) await this.#deps.deadLetters.write(readerNameOf(this.#sending.config.sink), letters)
    const [first] = letters
    const facts = { sink: this.#sending.config.sink, alerts: letters.length, partition: job.partition, offset: first?.alert.offset }
    this.#deps.log.warn({ ...facts, reason: first?.reason, answer: first?.answer.slice(0, 200) }, 'the receiver refused alerts')
  }

  async #settle(job: DeliveryJob, offsets: readonly number[], left: readonly number[]): Promise<void> {
    if (job.isRedriven || offsets.length === 0) return
    const settled = rangesOf([...offsets].sort(byOffset))
    this.#deps.onSettled(job.partition, job.epoch, settled)
    await this.#settleClaim(job, settled, rangesOf([...left].sort(byOffset)))
  }

  #endOf(job: DeliveryJob, sent: readonly Sent[], refused: readonly number[], isLeft: boolean): JobEnd {
    const dead = [...job.refused, ...refused]
    const reason = sent.map(({ outcome }) => (outcome.kind === 'refused' ? outcome.reason : '')).find((text) => text !== '')
    const refusal = (reason ?? job.refusal).slice(0, 500)
    const afterMs = Math.max(this.#sending.backoffMs(job.starts + 1), longestPause(sent))
    if (isLeft) return { kind: 'again', afterMs, refused: dead, refusal }
    return dead.length === 0 ? { kind: 'done' } : deadEnd(dead, refusal)
  }

  /** Tries until the store takes it, whatever it says: the alerts are delivered, and giving up would send them again. */
  async #settleClaim({ partition, epoch, id }: DeliveryJob, settled: readonly OffsetRange[], left: readonly OffsetRange[]): Promise<void> {
    const backoff = new Backoff(50, 2_000)
    const facts = { sink: this.#sending.config.sink, job: id, partition }
    let isLogged = false
    for (;;) {
      try {
        await this.#deps.store.settle({ partition, epoch, jobId: id }, settled, left)
        return
      } catch (error) {
        if (this.#sending.stopped.aborted) throw error
        this.#deps.log[isLogged ? 'debug' : 'warn']({ ...facts, error: messageOf(error) }, 'delivered alerts can not be settled yet')
        isLogged = true
        await backoff.wait(this.#sending.stopped)
      }
    }
  }
}

/** After a wait of this time for its turn, the claim of a job is read again, milliseconds. */
const RECHECK_MS = 1_000
const NO_OUTCOME: Retry = { kind: 'retry', reason: 'the sink did not say what became of it' }
/** Of a record that is not an alert, only what a dead letter needs. */
const UNREADABLE = { origin: { hostId: '', wallTimeUs: 0 } } as Alert

function isRetry(outcome: Outcome): outcome is Retry {
  return outcome.kind === 'retry'
}

function offsetsOf(sent: readonly Sent[], kind: Outcome['kind']): number[] {
  return sent.filter(({ outcome }) => outcome.kind === kind).map(({ alert }) => alert.offset)
}

function byOffset(a: number, b: number): number {
  return a - b
}

function longestPause(sent: readonly Sent[]): number {
  return Math.max(0, ...sent.map(({ outcome }) => (outcome.kind === 'retry' ? (outcome.afterMs ?? 0) : 0)))
}

function deadEnd(offsets: readonly number[], reason: string): JobEnd {
  return { kind: 'dead', offsets, reason }
}
