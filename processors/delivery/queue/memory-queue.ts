// The queue of one process: for `eunomia run --sink`, and for tests. What is in it is lost with the process.
import { deferred } from '../../../infra/waiting/waiters.js'
import type { DeadJob, DeliveryJob, DeliveryQueue, JobContent, JobEnd, JobHandler, QueueCounts, QueueWorker } from './delivery-queue.js'

/** Dead jobs that are kept. */
const MAX_DEAD = 1_000

/** Jobs in memory, in the order in which they were added. */
export class MemoryQueue implements DeliveryQueue {
  readonly #waiting: DeliveryJob[] = []
  readonly #delayed = new Map<DeliveryJob, NodeJS.Timeout>()
  readonly #active = new Set<DeliveryJob>()
  readonly #dead: DeadJob[] = []
  #handler: JobHandler | undefined
  #concurrency = 0
  #idle = deferred()

  add(jobs: readonly JobContent[]): Promise<void> {
    for (const job of jobs) this.#addOne({ ...job, starts: 0, isRedriven: false, refused: [], refusal: '' })
    this.#take()
    return Promise.resolve()
  }

  existing(ids: readonly string[]): Promise<ReadonlySet<string>> {
    const all = [...this.#waiting, ...this.#delayed.keys(), ...this.#active].map(({ id }) => id)
    return Promise.resolve(new Set(ids.filter((id) => all.includes(id))))
  }

  work(handler: JobHandler, concurrency: number): QueueWorker {
    this.#handler = handler
    this.#concurrency = concurrency
    this.#take()
    return {
      close: async () => {
        this.#handler = undefined
        while (this.#active.size > 0) {
          this.#idle = deferred()
          await this.#idle.promise
        }
      },
    }
  }

  counts(): Promise<QueueCounts> {
    const { size } = this.#active
    return Promise.resolve({ waiting: this.#waiting.length, active: size, delayed: this.#delayed.size, dead: this.#dead.length })
  }

  dead(limit: number): Promise<DeadJob[]> {
    return Promise.resolve(this.#dead.slice(-limit).reverse())
  }

  deadIds(): Promise<string[]> {
    return Promise.resolve(this.#dead.map(({ id }) => id))
  }

  redrive(id: string): Promise<boolean> {
    const index = this.#dead.findIndex((job) => job.id === id)
    const [job] = index < 0 ? [] : this.#dead.splice(index, 1)
    if (job === undefined) return Promise.resolve(false)
    this.#waiting.push({ ...job, starts: 0, isRedriven: true, refused: [], refusal: '' })
    this.#take()
    return Promise.resolve(true)
  }

  close(): Promise<void> {
    for (const timer of this.#delayed.values()) clearTimeout(timer)
    this.#delayed.clear()
    return Promise.resolve()
  }

  #addOne(job: DeliveryJob): void {
    const { id, message, delayMs = 0 } = job
    const delayed = [...this.#delayed].find(([other]) => other.id === id)
    if (delayed !== undefined && message !== undefined && delayMs === 0) {
      clearTimeout(delayed[1])
      this.#delayed.delete(delayed[0])
      this.#waiting.push(delayed[0])
    } else if (delayed === undefined && [...this.#waiting, ...this.#active].every((other) => other.id !== id)) {
      if (delayMs === 0) this.#waiting.push(job)
      else this.#delay(job, delayMs)
    }
  }

  #delay(job: DeliveryJob, ms: number): void {
    const timer = setTimeout(() => {
      this.#delayed.delete(job)
      this.#waiting.push(job)
      this.#take()
    }, ms)
    this.#delayed.set(job, timer)
  }

  #take(): void {
    while (this.#handler !== undefined && this.#active.size < this.#concurrency) {
      const job = this.#waiting.shift()
      if (job === undefined) return
      this.#active.add(job)
      void this.#handle(job, this.#handler)
    }
  }

  async #handle(job: DeliveryJob, handler: JobHandler): Promise<void> {
    const end = await handler(job).catch((): JobEnd => ({ kind: 'again', afterMs: 1_000 }))
    this.#active.delete(job)
    if (end.kind === 'again') {
      this.#delay({ ...job, starts: job.starts + 1, refused: end.refused ?? job.refused, refusal: end.refusal ?? job.refusal }, end.afterMs)
    } else if (end.kind === 'dead') {
      const alerts = job.alerts.filter(({ offset }) => end.offsets.includes(offset))
      this.#dead.push({ ...job, alerts, ...end.content, reason: end.reason, refusedAtMs: Date.now() })
      if (this.#dead.length > MAX_DEAD) this.#dead.shift()
    }
    this.#idle.resolve()
    this.#take()
  }
}
