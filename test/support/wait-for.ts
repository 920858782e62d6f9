// Waiting for a state in tests: look, and look again until a deadline. Never sleep for a fixed time instead.
import { setTimeout as delay } from 'node:timers/promises'

/** Resolves with the first truthy value of `look`; rejects at the deadline with what was waited for. An error of `look` ends the wait. */
export async function waitFor<T>(what: string, look: () => T | Promise<T>, withinMs = 10_000, everyMs = 20): Promise<NonNullable<T>> {
  const deadline = Date.now() + withinMs
  for (;;) {
    const value = await look()
    if (value) return value
    if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms in vain: ${what}`)
    await delay(everyMs)
  }
}
