// Re-evaluates a batch of pending events. Those whose facts arrived, and those past their deadline, are decided; the rest goes to the end of the
// topic, so that it does not block what follows. While the store is unavailable, nothing is written: the batch stays where it is. How
// often the rest is written depends on how long it has waited, so that the number of writes per event is bounded (docs/adr/0024).
import { backoffStepMs } from '../../../infra/waiting/backoff.js'
import type { PendingEvent } from '../../../schemas/generated/types.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import { mayBeOnHost } from '../../rule-engine/fields/record/container-knowledge.js'
import type { RuleEvent, RuleRecord } from '../../rule-engine/fields/rule-event.js'
import { emitAlerts, verdictOn, type DetectRun, type Verdict } from './detect-run.js'

/** An event that has waited for t is written again after t / 16 at the earliest: about 16 times while its wait doubles in five steps. */
const PACE = 16
/** Longest time between two evaluations while the store is unavailable, milliseconds: the delay of facts when it is back. */
const MAX_DEFER_MS = 5_000

/** Decides what can be decided now; the rest waits, here or at the end of the topic. */
export async function evaluatePending(run: DetectRun): Promise<void> {
  const { context, settings } = run
  const waiting = new WaitingEvents(run)
  const nowMs = context.clock.nowUs() / 1000
  const earlyMs = settings.isEnding ? 0 : waiting.dueInMs(nowMs)
  if (earlyMs > 0) return context.defer(Math.ceil(earlyMs))
  const { isReachable, decided } = await waiting.evaluate()
  if (waiting.count === 0) return
  if (!isReachable && decided === 0) return context.defer(Math.ceil(waiting.restWhileUnavailableMs(nowMs)))
  waiting.requeue(nowMs)
  context.rest(waiting.restMs(nowMs))
}

interface Waiting {
  readonly pending: PendingEvent
  readonly event: RuleRecord
}

/** The undecided events of one batch, by their place in the batch. */
class WaitingEvents {
  readonly #run: DetectRun
  readonly #newestMs: number
  /** null: decided, or unreadable. */
  readonly #events: (Waiting | null)[] = []

  /** Decodes the batch; what is unreadable is a failed record. */
  constructor(run: DetectRun) {
    this.#run = run
    const { batch, context, reader } = run
    let newestMs = 0
    while (batch.next()) {
      newestMs = Math.max(newestMs, batch.timestampMs)
      try {
        const pending = reader.pending(batch)
        const event = reader.eventOf(pending)
        batch.requireHost(event.record.origin.hostId)
        batch.requireHost(pending.origin.hostId)
        this.#events.push({ pending, event })
      } catch (error) {
        context.fail(error)
        this.#events.push(null)
      }
    }
    this.#newestMs = newestMs
  }

  /** Events that still wait. */
  get count(): number {
    return this.#waiting().length
  }

  /**
   * Time until the batch may be written again, milliseconds; 0 or less when it is due. Only events past their deadline wait for it, undecided
   * because the store failed. Each event has its own pace. The harmonic mean of the paces results in as
   * many writes as if each event followed its own: a fresh event does not wait for old ones, and old ones are not written at a fresh one's pace.
   */
  dueInMs(nowMs: number): number {
    const events = this.#waiting()
    const isAnyLate = events.some(({ pending }) => pending.deadlineUs / 1000 <= nowMs)
    // A batch with a future time was written by a clock that is ahead.
    if (!isAnyLate || this.#isReachableForLong || this.#newestMs > nowMs) return 0
    const writesPerMs = events.reduce((sum, { pending }) => sum + 1 / this.#paceMs(pending, nowMs), 0)
    return this.#newestMs + events.length / writesPerMs - nowMs
  }

  /**
   * Decides what can be decided now. A deadline counts only when the store has answered for as long as events wait: an unavailable one
   * knows nothing, not even absence, and one that just came back still lacks what it missed. The longest wait counts in any case.
   */
  async evaluate(): Promise<{ readonly isReachable: boolean; readonly decided: number }> {
    const { context, evaluator, settings, feed } = this.#run
    const before = this.count
    const lookup = new ContainerLookup(context.membership)
    for (const { event } of this.#waiting()) lookup.ask(event.record)
    const isReachable = lookup.isComplete || (await lookup.load())
    const knowsAbsence = isReachable && this.#isReachableForLong
    const nowUs = context.clock.nowUs()
    this.#walk(({ event, pending }, index) => {
      const isOver = settings.isEnding || (knowsAbsence && nowUs >= pending.deadlineUs) || this.#isTooLong(pending, nowUs / 1000)
      const container = isOver ? lookup.decided(event.record) : lookup.knowledgeOf(event.record)
      if (container.state === 'unknown') return
      const ruleEvent = { event, container }
      const verdict = verdictOn(ruleEvent, evaluator)
      if (verdict.kind === 'alert') emitAlerts(this.#run, ruleEvent, verdict.rules)
      if (mayBeOnHost(ruleEvent)) this.#alertAsOfHost(ruleEvent, verdict)
      feed.release(ruleEvent, pending.eventTopic)
      this.#events[index] = null
    })
    return { isReachable, decided: before - this.count }
  }

  /** It was never decided whether the event is of a container: rules about the host apply, too. Else whoever hides that would choose his rules. */
  #alertAsOfHost({ event }: RuleEvent, asOfContainer: Verdict): void {
    const onHost: RuleEvent = { event, container: { state: 'absent', containerId: null, isClaimed: false } }
    const verdict = verdictOn(onHost, this.#run.evaluator)
    if (verdict.kind !== 'alert') return
    const known = asOfContainer.kind === 'alert' ? asOfContainer.rules : []
    emitAlerts(
      this.#run,
      onHost,
      verdict.rules.filter((rule) => !known.includes(rule)),
    )
  }

  /** Writes what still waits to the end of the topic. */
  requeue(nowMs: number): void {
    const { context } = this.#run
    this.#walk(({ pending }) => {
      context.emit('pending', pending.origin.hostId, { ...pending, attempts: pending.attempts + 1 }, Math.floor(nowMs))
    })
    const requeued = context.metrics.counter('eunomia_detect_requeues_total', 'Times a waiting event was written to the end of the topic')
    requeued.with().add(this.count)
  }

  /** How long the partition rests after a write, from the event that was evaluated least often, so that a fresh one does not wait for old ones. */
  restMs(nowMs: number): number {
    const { firstRestMs, maxRestMs } = this.#run.settings
    // A batch of a backlog has already rested: with many of them, a rest after each would make all wait too long.
    if (nowMs - this.#newestMs > 2 * maxRestMs) return 0
    const leastAttempts = this.#waiting().reduce((least, { pending }) => Math.min(least, pending.attempts), Infinity)
    return Math.max(1, Math.min(backoffStepMs(leastAttempts, firstRestMs, maxRestMs), this.#toNextDeadlineMs(nowMs)))
  }

  /** How long the partition rests while the store is unavailable: nothing is written meanwhile. */
  restWhileUnavailableMs(nowMs: number): number {
    const { firstRestMs } = this.#run.settings
    const leastMs = this.#waiting().reduce((least, { pending }) => Math.min(least, this.#waitedMs(pending, nowMs)), Infinity)
    return Math.max(firstRestMs, Math.min(MAX_DEFER_MS, this.#maxPaceMs, leastMs / PACE))
  }

  get #isReachableForLong(): boolean {
    const { context, settings } = this.#run
    return context.membership.answeringForMs >= settings.deadlineMs
  }

  /** Longest time between two writes of an event: a minute for a longest wait of an hour. */
  get #maxPaceMs(): number {
    return this.#run.settings.longestWaitMs / 60
  }

  #paceMs(pending: PendingEvent, nowMs: number): number {
    const { firstRestMs, maxRestMs } = this.#run.settings
    const growingMs = backoffStepMs(pending.attempts, firstRestMs, maxRestMs)
    return Math.max(growingMs, Math.min(this.#maxPaceMs, this.#waitedMs(pending, nowMs) / PACE))
  }

  #waitedMs({ deadlineUs }: PendingEvent, nowMs: number): number {
    return nowMs - (deadlineUs / 1000 - this.#run.settings.deadlineMs)
  }

  /** Decided one pace before the longest wait: the next write would be after it. */
  #isTooLong(pending: PendingEvent, nowMs: number): boolean {
    return this.#waitedMs(pending, nowMs) >= this.#run.settings.longestWaitMs - this.#maxPaceMs
  }

  /** Milliseconds to the next deadline that has not passed; Infinity when there is none. */
  #toNextDeadlineMs(nowMs: number): number {
    const ahead = this.#waiting().map(({ pending }) => pending.deadlineUs / 1000 - nowMs)
    return ahead.reduce((least, ms) => (ms > 0 ? Math.min(least, ms) : least), Infinity)
  }

  #waiting(): Waiting[] {
    return this.#events.filter((event) => event !== null)
  }

  /** Visits the waiting events, with the batch's cursor on their record: what is emitted belongs to it. */
  #walk(visit: (waiting: Waiting, index: number) => void): void {
    const { batch } = this.#run
    batch.rewind()
    for (const [index, event] of this.#events.entries()) {
      batch.next()
      if (event !== null) visit(event, index)
    }
  }
}
