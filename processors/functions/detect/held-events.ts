// The pending events of one batch that are not judged yet, by their place in the batch.
import type { PendingEvent } from '../../../schemas/generated/types.js'
import { ContainerLookup } from '../../membership/container-lookup.js'
import type { ContainerKnowledge, RuleRecord } from '../../rule-engine/fields/judged-event.js'
import type { DetectRun } from './detect-run.js'
import { emitAlerts } from './emit-alerts.js'
import { verdictOn } from './verdict.js'

interface Held {
  readonly pending: PendingEvent
  readonly event: RuleRecord
}

/** Pending events under judgement. */
export class HeldEvents {
  readonly #run: DetectRun
  readonly #newestMs: number
  /** null: judged, or can't be read. */
  readonly #held: (Held | null)[] = []

  /** Decodes the batch; what can't be read is given up. */
  constructor(run: DetectRun) {
    this.#run = run
    const { batch, context, reader } = run
    let newestMs = 0
    while (batch.next()) {
      newestMs = Math.max(newestMs, batch.timestampMs)
      try {
        const pending = reader.pending(batch)
        this.#held.push({ pending, event: reader.eventOf(pending) })
      } catch (error) {
        context.fail(error)
        this.#held.push(null)
      }
    }
    this.#newestMs = newestMs
  }

  /** When the newest record of the batch was written, Unix milliseconds. */
  get newestMs(): number {
    return this.#newestMs
  }

  /** Events that still wait. */
  get count(): number {
    return this.#waiting().length
  }

  /** Attempts of the event that was looked at least often. */
  get leastAttempts(): number {
    return this.#waiting().reduce((least, { pending }) => Math.min(least, pending.attempts), Infinity)
  }

  /** Milliseconds to the next deadline that has not passed; Infinity when there is none. */
  toNextDeadlineMs(nowMs: number): number {
    const ahead = this.#waiting().map(({ pending }) => pending.deadlineUs / 1000 - nowMs)
    return ahead.reduce((least, ms) => (ms > 0 ? Math.min(least, ms) : least), Infinity)
  }

  /**
   * Judges what can be judged now. A deadline counts only when the store has answered for as long as events wait: one that is away knows
   * nothing, not even absence, and one that is just back does not know yet what it missed. At the end of all facts nobody waits for it.
   */
  async judge(): Promise<void> {
    const { context, evaluator, settings, feed } = this.#run
    const lookup = new ContainerLookup(context.membership)
    for (const { event } of this.#waiting()) lookup.ask(event.record)
    const isReachable = lookup.isComplete || (await lookup.load())
    const knowsAbsence = isReachable && context.membership.answeringForMs >= settings.deadlineMs
    const nowUs = context.clock.nowUs()
    this.#walk(({ event, pending }, index) => {
      const known = lookup.knowledgeOf(event.record)
      const isOver = settings.isEnding || (knowsAbsence && nowUs >= pending.deadlineUs)
      const container = isOver ? absentFor(known, lookup.isClaimRefuted(event.record)) : known
      if (container.state === 'unknown') return
      const judged = { event, container }
      const verdict = verdictOn(judged, evaluator)
      if (verdict.kind === 'alert') emitAlerts(this.#run, judged, verdict.rules)
      feed.release(judged, pending.eventTopic)
      this.#held[index] = null
    })
  }

  /** Puts what still waits at the end of the topic. */
  requeue(nowMs: number): void {
    this.#walk(({ pending }) => {
      const again = { ...pending, attempts: pending.attempts + 1 }
      this.#run.context.emit('pending', pending.origin.hostId, again, Math.floor(nowMs))
    })
    const requeued = this.#run.context.metrics.counter(
      'eunomia_detect_requeues_total',
      'Times a waiting event was put at the end of the topic',
    )
    requeued.with().add(this.count)
  }

  #waiting(): Held[] {
    return this.#held.filter((held) => held !== null)
  }

  /** Visits what waits, with the batch's cursor on its record: what is emitted belongs to it. */
  #walk(visit: (held: Held, index: number) => void): void {
    const { batch } = this.#run
    batch.rewind()
    for (const [index, held] of this.#held.entries()) {
      batch.next()
      if (held !== null) visit(held, index)
    }
  }
}

function absentFor(container: ContainerKnowledge, isClaimRefuted: boolean): ContainerKnowledge {
  return container.state === 'unknown' ? { state: 'absent', containerId: container.containerId, isClaimRefuted } : container
}
