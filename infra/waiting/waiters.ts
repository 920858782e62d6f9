// Promises that other code settles: a deferred, and a set of waiters for changes of a state.
import { orAborted } from './signals.js'

/** A promise and the functions that settle it. */
export interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

/** Promise.withResolvers, which Node 20 lacks. */
export function deferred<T = void>(): Deferred<T> {
  let resolve: Deferred<T>['resolve'] = () => undefined
  let reject: Deferred<T>['reject'] = () => undefined
  const promise = new Promise<T>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

interface Waiter extends Deferred<void> {
  readonly isDone: () => boolean
}

/** Waiters for a state. Its owner calls `wake` after each change that may lead to it. */
export class Waiters {
  #waiters: Waiter[] = []

  get isEmpty(): boolean {
    return this.#waiters.length === 0
  }

  /** Resolves with the next `wake`. */
  next(): Promise<void> {
    return this.#add(() => true).promise
  }

  /** Resolves at once when `isDone` holds, else with the first `wake` at which it does, or with the signal. Rejects with the error of a `wake`. */
  async until(isDone: () => boolean, signal?: AbortSignal): Promise<void> {
    if (isDone()) return
    const waiter = this.#add(isDone)
    if (signal === undefined) return await waiter.promise
    try {
      await orAborted(waiter.promise, signal)
    } finally {
      // Waits that ended with their signal must not add up.
      this.#waiters = this.#waiters.filter((other) => other !== waiter)
    }
  }

  /** Resolves the waits whose condition holds. @param failure rejects the others, whose condition will never hold */
  wake(failure?: unknown): void {
    if (this.#waiters.length === 0) return
    const waiters = this.#waiters
    this.#waiters = []
    for (const waiter of waiters) {
      if (waiter.isDone()) waiter.resolve()
      else if (failure !== undefined) waiter.reject(failure)
      else this.#waiters.push(waiter)
    }
  }

  #add(isDone: () => boolean): Waiter {
    const waiter = { isDone, ...deferred() }
    this.#waiters.push(waiter)
    return waiter
  }
}
